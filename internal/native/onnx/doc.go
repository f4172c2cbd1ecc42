// Package onnx runs ONNX models through the C API of ONNX Runtime, found at run time with dlopen and called without
// cgo.
//
// It is a thin binding, made for a few small nets on a plain CPU: open the library ([Open]), load a model
// ([Library.NewSession]), make tensors ([NewTensor]), run ([Session.Run]), read tensors ([Data]). What it adds to the
// C API is safety: data is copied in and out, so no Go memory is ever known to C after a call; errors carry ONNX
// Runtime's own message; a cancelled context ends a run between two operators; and closing a session waits for its
// runs.
//
// What it does not do: strings, sequences, maps, sparse tensors, devices other than the CPU, and custom operators.
//
// [AppendOutput] edits a model before it is loaded, so that a tensor inside the graph can be read as one more output.
//
// The API is a table of function pointers that only grows (see OrtApi in onnxruntime_c_api.h), so that the indices
// used here stay valid in later versions of the library.
package onnx
