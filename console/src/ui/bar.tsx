// A share as a bar, beside the number that says it.

interface BarProps {
  /** 0 to 1. */
  share: number;
}

export function Bar({ share }: BarProps) {
  const width = `${100 * Math.min(1, Math.max(0, share))}%`;
  return (
    <span className="bar" aria-hidden="true">
      <span style={{ width }} />
    </span>
  );
}
