// Package native finds, fetches and verifies the model files and native libraries that the companion runs on.
package native
