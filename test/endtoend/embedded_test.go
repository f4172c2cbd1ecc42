package endtoend

import "testing"

// TestProgramAsItComes lets clients of every kind at one program with the embedded mind.
func TestProgramAsItComes(t *testing.T) {
	s := start(t, t.TempDir()+"/data")
	t.Run("foreigners", func(t *testing.T) { foreigners(t, s) })
	t.Run("openai for Python", func(t *testing.T) { pythonClient(t, s) })
}
