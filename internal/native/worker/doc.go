// Package worker runs native code in a child process, so that a crash there is an error here.
//
// A worker is this same binary started again with other arguments, over an inherited socketpair: no path, no port,
// nobody else can connect. The parent calls [Start] and then [Process.Call], from as many goroutines as it likes; the
// child calls [Serve] with its handlers. A call carries one request, any number of streamed parts and one answer, each a
// [Message] of JSON and raw bytes.
//
// # The wire
//
// Frames (frame.go) are length-bounded and carry a kind, a call's id, and the message. The child speaks first: its hello
// says the protocol's version, so that two builds never misunderstand each other, and how well it is confined. Every
// buffer is bounded: a handler whose parts are not consumed waits in emit once 4 MiB are on the way, and neither side's
// read loop ever waits for a write, so a slow consumer slows its own call and nothing else.
//
// # Life and death
//
// The child dies with its parent: by the kernel's parent-death signal and because the socket closes. When it crashes,
// calls in flight get [ErrLost] and a new child is started at once, later crashes after a small pause; a fifth crash
// within a minute stops that, with a [State] whose reason is fit for a person. Callers that come while a child is being
// started wait for it. What a new child must be told before it is of use (load this model) is Spec.Prepare.
//
// # Confinement
//
// Before it serves, the child gives up what it doesn't need (confine_linux.go): core dumps, the network, new programs,
// and every file but the ones its [Confinement] names. On kernels without Landlock or seccomp it does what it can and
// says so in the [Report]. What it prints goes to the log line by line, bounded, with quoted text masked, because a
// person's words are never logged.
package worker
