/**
 * `policy`: as the adapter was trained. For measurements: `full`, 30 s whatever the policy, or a tail of one's own for
 * audio of any length, whether or not an adapter was trained for it.
 */
export type ContextChoice = 'policy' | 'full' | { readonly tailPositions: number };
