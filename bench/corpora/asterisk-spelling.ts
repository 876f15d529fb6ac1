/**
 * Asterisk's Spanish list was mostly written without accents and ñ, the French one in places; Whisper writes them. They
 * are put back here, in words that have but one spelling, and in `esta` where what follows makes it a verb. Made from
 * the lists alone, before any model had seen them.
 */
const ACCENTED = {
  es: `atrás aún autenticación ayudarán buzón búsqueda código comenzará comprendí conexión configuración contraseña
    contraseñas cortés demostración después duración dígitos escucharás están estándar estén extensión físico grabación
    guiaré información ingresará intentaré introducción inválida inválido logré línea líder menú módem mínimos más
    navegará numérico número opción próximo rápidamente reproducción será técnica también tecleó telefónico teléfono
    tendrá único única unirá unirán útil último vacías válido`,
  fr: `abrégée boîte désirez désolé écouter était êtes être numéro premières présentement réessayer téléphone téléphoner`,
};

/** What the lists have misspelt, or run together. */
const MISSPELT = {
  es: {
    an: 'en',
    atravez: 'a través',
    contrasenia: 'contraseña',
    defeto: 'defecto',
    demonstracion: 'demostración',
    entidade: 'entidades',
    ingese: 'ingrese',
    introdusca: 'introduzca',
    mesaje: 'mensaje',
    nimbre: 'nombre',
    numbre: 'nombre',
    paracambiar: 'para cambiar',
    proposito: 'propósito',
    trés: 'tres',
    ó: 'o',
  },
  fr: {
    abregée: 'abrégée',
    appellant: 'appelant',
    conctact: 'contacte',
    demontration: 'démonstration',
    desolé: 'désolé',
    enleve: 'enlevé',
    présentemnet: 'présentement',
  },
};

const SPELLINGS = { es: spellings('es'), fr: spellings('fr') };

/** `esta` is a verb before these, and a pronoun elsewhere. */
const IS_BEFORE =
  /\besta (?=usted|en la|a punto|usando|conectado|configurado|ocupada|disponible|libre|fuera|terriblemente|ahora)/gi;

/** The text with its accents. */
export function spellSpanish(text: string): string {
  return text
    .replace(IS_BEFORE, (verb) => (verb.startsWith('E') ? 'Está ' : 'está '))
    .replace(/\bno se quien\b/g, 'no sé quién')
    .replace(/\b(En|a) que carpeta\b/g, '$1 qué carpeta')
    .replace(/\p{L}+/gu, (word) => spellWord(word, SPELLINGS.es));
}

/** The text with its accents. */
export function spellFrench(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => spellWord(word, SPELLINGS.fr));
}

function spellings(language: 'es' | 'fr'): ReadonlyMap<string, string> {
  const accented = ACCENTED[language].split(/\s+/);
  const plain = accented.map((word) => [word.normalize('NFD').replace(/\p{M}/gu, ''), word] as const);
  return new Map([...plain, ...Object.entries(MISSPELT[language])]);
}

function spellWord(word: string, known: ReadonlyMap<string, string>): string {
  const lower = word.toLowerCase();
  const spelling = known.get(lower);
  if (spelling === undefined) return word;
  return word === lower ? spelling : spelling.charAt(0).toUpperCase() + spelling.slice(1);
}
