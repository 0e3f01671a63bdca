// Generated from Rust by scripts/generate; do not edit.

/**  What a sidecar does until it serves. */
export type Activity = {
	/**  In a word or a few, such as `migrating`. */
	name: string,
	/**  How much of it is done, from 0 to 100. */
	percent: number | null,
};

/**  The WebSocket that a page opens. */
export type ConnectRequest = {
	/**  What the page calls this exchange, to read, write and cancel it. */
	exchange: string,
	/**  The sidecar's name; null stands for the only one. */
	sidecar: string | null,
	/**  Path and query. */
	path: string,
	/**  The subprotocols that the page speaks, the best first. */
	protocols: string[],
	/**  Names and values of the headers of the request. */
	headers: ([string, string])[],
	/**  How long to wait for a sidecar that does not serve yet, in ms; null stands for the configured time. */
	waitMs: number | null,
};

/**  The WebSocket that was opened. */
export type ConnectResponse = {
	/**  The subprotocol that the sidecar chose; empty for none. */
	protocol: string,
};

/**  A request whose answer goes to a file. */
export type DownloadRequest = {
	/**  The request. */
	request: FetchRequest,
	/**  The path of the file, if the page knows it already: one that the page may not name is refused before anything is sent. */
	to: string | null,
};

/**
 *  What went wrong, by kind: gRPC's canonical names, each with one HTTP status.
 * 
 *  Source: <https://grpc.github.io/grpc/core/md_doc_statuscodes.html>.
 */
export type ErrorCode = 
/**  The request itself is wrong; sending it again cannot help (422). */
"invalid_argument" | 
/**  No token, or not the one of this generation (401). */
"unauthenticated" | 
/**  The caller is known and may not do this (403). */
"permission_denied" | 
/**  No such command, window, sidecar or route (404). */
"not_found" | 
/**  The sidecar is starting, stopped or gone; try again later (503). */
"unavailable" | 
/**  Understood and refused by the callee in its present state (412). */
"failed_precondition" | 
/**  Over a limit of size or number (429). */
"resource_exhausted" | 
/**  The caller gave up (499). */
"cancelled" | 
/**  Too late (504). */
"deadline_exceeded" | 
/**  A fault on this side (500). */
"internal";

/**  How a sidecar's process ended, and what it wrote last. */
export type Exit = {
	/**  Its exit code; null when a signal or the host ended it. */
	code: number | null,
	/**  The number of the signal that ended it; null when it exited, or the host ended it. */
	signal: number | null,
	/**  The last lines that it wrote to stderr, oldest first. */
	stderr: string[],
};

/**  The head of a request that a page sends through `fetch`. */
export type FetchRequest = {
	/**  What the page calls this exchange, to read, write and cancel it. */
	exchange: string,
	/**  The sidecar's name; null stands for the only one. */
	sidecar: string | null,
	/**  The HTTP method. */
	method: string,
	/**  Path and query. */
	path: string,
	/**  Names and values. */
	headers: ([string, string])[],
	/**  Whether the body is not in this frame, but is written by and by. */
	streams: boolean,
	/**  How long a body is that is written by and by, in bytes; null where nobody knows. */
	bodyBytes: number | null,
	/**  Whether cookies go along and are kept, if the sidecar has a jar. */
	cookies: boolean,
	/**  How long to wait for a sidecar that does not serve yet, in ms; null stands for the configured time. */
	waitMs: number | null,
};

/**  The head of the answer. */
export type FetchResponse = {
	/**  The HTTP status. */
	status: number,
	/**  The reason phrase. */
	statusText: string,
	/**  Names and values; a name may repeat. */
	headers: ([string, string])[],
	/**  What the sidecar takes for its own origin; a redirect may lead there. */
	origin: string,
	/**  Whether the body has an end that is not in this frame, and is read by and by. */
	streams: boolean,
};

/**  One line that a sidecar wrote. */
export type OutputLine = {
	/**  Counts up from 1 over all generations, so that a reader sees what it has missed. */
	sequence: number | null,
	/**  The generation that wrote it. */
	generation: number,
	/**  When it was read, in ms since 1970 (UTC). */
	atMs: number | null,
	/**  Where it was written to. */
	stream: OutputStream,
	/**  The line without its end. Bytes that are not UTF-8 are replaced, and secrets by `[redacted]`. */
	text: string,
};

/**  Where a sidecar writes to. */
export type OutputStream = 
/**  Standard output. */
"stdout" | 
/**  Standard error. */
"stderr";

/**
 *  The only error shape on any wire: RFC 9457 `application/problem+json` with a [`code`](Self::code).
 * 
 *  A command of this plugin rejects with it, the host endpoint answers with it.
 */
export type Problem = {
	/**  A URI for the kind of problem; `about:blank`, since `code` says it. */
	type: string,
	/**  The code in words. */
	title: string,
	/**  The HTTP status, also inside the body. */
	status: number,
	/**  What happened: the offending value and the remedy. It has no path of the host and no line that a sidecar wrote. */
	detail: string,
	/**  Names this one occurrence; the log has the details under it. */
	instance: string,
	/**  What kind of problem it is. */
	code: ErrorCode,
	/**  Whether the same request may succeed later, and has done nothing yet. */
	retryable: boolean,
	/**  The error value of the app's own command, or of FastAPI's answer, whole; absent for every other problem. */
	data?: unknown | null,
};

/**  A process that stands ready as the next generation of a sidecar. */
export type Spare = {
	/**  What it does. */
	phase: SparePhase,
	/**  Its process id; null when there is no process any more. */
	pid: number | null,
	/**  How much memory it had when it began to wait, in bytes; null where the system does not tell, and before that. */
	memoryBytes: number | null,
	/**  Why it cannot be used, perhaps with paths. Absent from what a page sees without the permission for it. */
	reason?: string | null,
};

/**  What a spare does. */
export type SparePhase = 
/**  It imports what it can. */
"preparing" | 
/**  It waits to be called. */
"waiting" | 
/**  It cannot be used, and has ended. */
"unfit";

/**  What a sidecar does. */
export type State = 
/**  It was started, or is looked for, and does not serve yet. */
{ phase: "starting"; 
/**  What it says that it does until it serves; null until it says anything. */
activity: Activity | null } | 
/**  It serves requests. */
{ phase: "ready"; 
/**  Its process id; null for an attached server. */
pid: number | null } | 
/**  It lives, and its event loop does not turn: something in it blocks. Requests are still sent to it. */
{ phase: "unresponsive"; 
/**  Its process id; null for an attached server. */
pid: number | null } | 
/**  It ended and is started again, perhaps after a pause; requests wait meanwhile. */
{ phase: "restarting"; 
/**  Why it ended, in short; null when it was asked to. */
problem: Problem | null; 
/**
 *  Why it ended, with all that is known: also paths, and the last line of stderr. Absent from what a page sees without
 *  the permission for it, and when the sidecar was asked to end.
 */
details?: string | null; 
/**  How its process ended, if it was not asked to. */
exit: Exit | null } | 
/**  It finishes the requests that it has, and takes no more. */
{ phase: "stopping" } | 
/**  It was asked to stop, and did. */
{ phase: "stopped" } | 
/**  It could not be started, never became ready, or ended by itself too often. */
{ phase: "failed"; 
/**  Why, in short. */
problem: Problem; 
/**
 *  Why, with all that is known: also paths, and the last line of stderr. Absent from what a page sees without the
 *  permission for it.
 */
details?: string | null; 
/**  How its process ended, if there was one. */
exit: Exit | null };

/**  What is known of a sidecar at one moment. */
export type Status = {
	/**  The sidecar's name. */
	sidecar: string,
	/**
	 *  Counts the changes of the status, from 0, over all generations: of two statuses the one with the higher number is the
	 *  newer one.
	 */
	revision: number,
	/**  Which life of the process this is; the first is 1. */
	generation: number,
	/**  What it does. */
	state: State,
	/**  What is wrong although it serves, such as bindings that were not made from this app; null when nothing is. */
	warning: string | null,
	/**
	 *  The process that stands ready as its next generation. It is as of when the status is asked for, and changes no revision;
	 *  absent while there is none.
	 */
	spare?: Spare | null,
};

/**  A request with a form of fields and files. */
export type UploadRequest = {
	/**  The request, which has no body of its own. */
	request: FetchRequest,
	/**  The fields, which come first: names and values; a name may repeat. */
	fields: ([string, string])[],
	/**  The files: names of fields, and the paths of the files; a name may repeat. */
	files: ([string, string])[],
};

/**  The head of a piece that a page writes. */
export type WriteRequest = {
	/**  Which exchange it belongs to. */
	exchange: string,
	/**  Whether it is the last one. */
	last: boolean,
};
