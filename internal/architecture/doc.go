// Package architecture holds no code but a test: which room may import which, that every package opens with a doc
// comment, that nobody registers things in init, and that nobody's words can be logged by accident. The table is that of
// docs/architecture.md.
package architecture
