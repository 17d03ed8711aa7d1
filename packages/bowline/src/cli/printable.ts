/** Colours and the like: what changes how text looks, and neither where it goes nor what the terminal does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const LOOKS = /\u001b\[[0-9;:]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text of others for a terminal. What could move the cursor, change the title or ring is written out, as `\x1b`;
 * colours stay where there are colours, and are left out elsewhere.
 */
export function printable(text: string, colours: boolean): string {
  const looks = colours ? (text.match(LOOKS) ?? []) : [];
  const plain = text
    .replaceAll("\r\n", "\n")
    .split(LOOKS)
    .map((part) => part.replace(CONTROLS, (control) => `\\x${hex(control)}`));
  const shown = plain.map((part, index) => part + (looks[index] ?? "")).join("");
  // What was left open would colour all that follows.
  return looks.length > 0 ? `${shown}\u001b[0m` : shown;
}

function hex(control: string): string {
  return control.charCodeAt(0).toString(16).padStart(2, "0");
}
