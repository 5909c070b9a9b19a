// Pictures of our own: the mark, and the lines of an empty page.

interface MarkProps {
  size?: number;
}

/** The florin of Florence: a coin with a lily. */
export function Mark({ size = 32 }: MarkProps) {
  return <img src="/florin.svg" width={size} height={size} alt="" />;
}

export function EmptyPicture() {
  return (
    <svg className="empty-picture" width="88" height="64" viewBox="0 0 88 64" fill="none" aria-hidden="true">
      <rect x="12" y="10" width="64" height="46" rx="5" stroke="currentColor" strokeWidth="1.5" />
      <path d="M12 22h64M22 33h18M22 41h28M22 49h12" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
      <circle cx="18" cy="16" r="1.5" fill="currentColor" />
      <circle cx="24" cy="16" r="1.5" fill="currentColor" />
      <circle cx="64" cy="43" r="8" stroke="currentColor" strokeWidth="1.5" />
      <path d="m70 49 6 6" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  );
}
