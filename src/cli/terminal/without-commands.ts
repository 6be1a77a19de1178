/**
 * Text as the runner of GitHub Actions may read it: there a line that begins with '::', and '##['
 * anywhere, is a command. A text of one line may be one of ours; of a longer one no line is, so
 * that nothing a target says becomes one by being wrapped. A space of no width keeps it from that.
 */
export function withoutCommands(text: string): string {
  return text.replace(/\n([^\S\n]*)::/g, '\n$1\u200b::').replaceAll('##[', '##\u200b[')
}
