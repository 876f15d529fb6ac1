/** What ffmpeg says of its input on its error stream. */
export interface FfmpegReport {
  /** false if it did not recognise the file, or was not allowed to open it */
  readonly opened: boolean;
  readonly streams: number;
  readonly audioStreams: number;
  /** What the file itself says of its length; absent where ffmpeg guesses from the bit rate. */
  readonly statedDurationMs?: number;
  /** The last two complaints, without addresses and paths: for people, never to decide by. */
  readonly complaint: string;
}

// These lines have had this form in every version. Two spaces at most four: a tag that a file carries
// is printed further in, so it cannot pass for one.
const OPENED = /^Input #0, /;
const DURATION = /^ {2}Duration: (\d+):(\d{2}):(\d{2}(?:\.\d+)?)(?:, start: (-?\d+(?:\.\d+)?))?/;
const STREAM = /^ {2,4}Stream #0:\d+.*?: (\w+):/;
const ESTIMATED = /Estimating duration from bitrate/;
const END_OF_INPUT = /^(?:Stream mapping:|Output #0)/;
/** Nothing of it says what is wrong with the input. */
const BOILERPLATE = [
  /^(?:\s|$|(?:Input|Output) #0|Stream mapping:|video:|size=|\[out#|Output file is empty)/,
  /^(?:Conversion failed!|Error opening input files?\b|To ignore this|Press \[q\]|Exiting normally)/,
  /(?:Task finished|Terminating thread)/,
];
/** `[mp3 @ 0x55…]`: of the part that complains, whose name stays. */
const ADDRESS = / @ 0x[0-9a-f]+(?=\])/g;
const LONGEST_COMPLAINT = 200;

/** Folds ffmpeg's lines, at the level `info`, into a report. Keeps none but the last complaints. */
export function createFfmpegReport(input: string): {
  readonly read: (line: string) => void;
  readonly report: () => FfmpegReport;
} {
  let [opened, pastInput, estimated] = [false, false, false];
  let [streams, audioStreams] = [0, 0];
  let durationMs: number | undefined;
  let complaints: readonly string[] = [];

  const readInput = (line: string) => {
    opened ||= OPENED.test(line);
    pastInput ||= END_OF_INPUT.test(line);
    estimated ||= ESTIMATED.test(line);
    if (!opened || pastInput) return;
    durationMs ??= durationOf(line);
    const kind = STREAM.exec(line)?.[1];
    if (kind !== undefined) streams += 1;
    if (kind === 'Audio') audioStreams += 1;
  };
  return {
    read: (line) => {
      readInput(line);
      if (!BOILERPLATE.some((form) => form.test(line))) complaints = [...complaints.slice(-1), withoutPaths(line, input)];
    },
    report: () => ({
      opened,
      streams,
      audioStreams,
      ...(durationMs !== undefined && !estimated && { statedDurationMs: durationMs }),
      complaint: complaints.join('; '),
    }),
  };
}

/** Where the audio does not begin at 0, some formats state the time of its end. */
function durationOf(line: string): number | undefined {
  const match = DURATION.exec(line);
  if (match === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, start = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds - Math.max(0, start)) * 1000;
}

function withoutPaths(line: string, input: string): string {
  const path = input.replace(/^file:/, '');
  const clean = line.replaceAll(input, 'input').replaceAll(path, 'input').replaceAll(ADDRESS, '').trim();
  return clean.length > LONGEST_COMPLAINT ? `${clean.slice(0, LONGEST_COMPLAINT)}…` : clean;
}
