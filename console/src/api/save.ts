// Hands a file that the server made to the reader.

/** Browsers need the address a little while after the click. */
const KEPT_MS = 60_000;

export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
