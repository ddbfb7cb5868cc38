/** A document's text with another `updatedAt`; everything else keeps its spelling, numbers of any size too. */
export function renewedText(text: string, version: number): string {
  const { updatedAt } = JSON.parse(text);
  const member = (time: unknown) => `"updatedAt":${JSON.stringify(time)}`;
  const time = new Date(version).toISOString();
  const parts = text.split(member(updatedAt));
  if (parts.length === 2) return parts.join(member(time));
  return JSON.stringify({ ...JSON.parse(text), updatedAt: time });
}
