// What the server says when it refuses or fails (RFC 9457), as an error that screens can show.

export interface Place {
  file: string;
  line?: number | null;
  message: string;
  help: string;
}

interface Problem {
  status: number;
  code: string;
  detail: string;
  request_id: string;
  places?: Place[];
}

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** For programs: `refused`, `unknown`, `invalid`; `unreachable` and `unreadable` are our own. */
  readonly code: string;
  /** By which the server's log finds the request. */
  readonly requestId: string;
  readonly places: Place[];

  constructor({ status, code, detail, request_id, places }: Problem) {
    super(detail);
    this.status = status;
    this.code = code;
    this.requestId = request_id;
    this.places = places ?? [];
  }

  static unreachable(cause: unknown): ApiError {
    return new ApiError({ status: 0, code: 'unreachable', detail: String(cause), request_id: '' });
  }

  /** From whatever came with a status that is not 2xx: a problem, or a page of something between us and Florin. */
  static from(status: number, body: unknown, requestId: string): ApiError {
    if (isProblem(body)) return new ApiError(body);
    return new ApiError({ status, code: 'unreadable', detail: '', request_id: requestId });
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { status, code, detail, request_id } = body as Partial<Problem>;
  return typeof status === 'number' && typeof code === 'string' && typeof detail === 'string' && typeof request_id === 'string';
}
