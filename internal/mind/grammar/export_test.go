package grammar

// Validate and Schemas are for the tests with a real model, which stand outside this package because package llama
// imports it.
var (
	Validate = validate
	Schemas  = schemas
)
