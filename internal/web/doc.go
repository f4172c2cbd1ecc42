// Package web is the front door: the web app, its API, and the guard before both.
//
// A request passes, from the outside in:
//
//  1. observation: a log line and metrics, never a query, a body or a person's words;
//  2. security headers, on every answer also of refusals;
//  3. the host: the Host header is one that this server answers for, exactly, else 421 (this stops DNS rebinding);
//  4. the deadline: every request ends, except a WebSocket;
//  5. the caller: a bearer token, or else the session cookie of this house;
//  6. the origin: what changes something, and every WebSocket, comes from our own page when it carries the cookie, and
//     never from a page that is neither ours nor listed;
//  7. the body: of a type that a route takes (never a form or text, except SDP), whole within a time, of bounded size;
//  8. the route. Every route of the API, the realtime protocol, metrics and debugging asks for a caller, except those
//     that say they are public.
//
// The rooms behind the API are small interfaces that this package declares ([Companion], [Voices], [History], [Status],
// [Minds], [Settings]) and the command wires. What is defended and what is not is written in docs/security.md.
package web
