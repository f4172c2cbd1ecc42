package durability

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Model is what is known about a disk after the first operations of a log: what is surely on it, and what is on its way.
type Model struct {
	// entries are the folder entries as the running system sees them; durable those that are surely on the disk.
	entries, durable map[string]*inode
	// underway are changes of entries that no sync of their folder has confirmed yet, in order.
	underway []entryChange
	// Acknowledged is how many moments the store has promised.
	Acknowledged int64
	// Settled counts the changes of what is surely on the disk: equal counts mean an equal durable state.
	Settled int
}

// inode is a file, or a folder, whatever it is called.
type inode struct {
	folder bool
	// synced is what is surely on the disk.
	synced *blob
	// pending are the changes since the last sync, in order.
	pending []Operation
}

// entryChange is one change of a folder's entries: path now names node, or nothing when node is nil.
type entryChange struct {
	path string
	node *inode
}

// NewModel is an empty disk with the root folder on it.
func NewModel() *Model {
	root := &inode{folder: true}
	return &Model{entries: map[string]*inode{".": root}, durable: map[string]*inode{".": root}}
}

// Play carries one operation of a log out.
func (m *Model) Play(operation Operation) error {
	switch operation.Action {
	case Create:
		m.change(operation.Path, &inode{synced: &blob{}})
	case MakeFolder:
		if m.entries[operation.Path] == nil {
			m.change(operation.Path, &inode{folder: true})
		}
	case Remove:
		m.change(operation.Path, nil)
	case Rename:
		node := m.entries[operation.Path]
		m.change(operation.To, node)
		m.change(operation.Path, nil)
	case SyncFolder:
		m.syncFolder(operation.Path)
	case Acknowledge:
		m.Acknowledged = operation.Count
		m.Settled++
	case Write, Truncate, Grow, Sync:
		node := m.entries[operation.Path]
		if node == nil {
			return fmt.Errorf("durability: %s of %s, which is not there", operation.Action, operation.Path)
		}
		if operation.Action == Sync {
			m.sync(node)
		} else {
			node.pending = append(node.pending, operation)
		}
	default:
		return fmt.Errorf("durability: unknown action %q", operation.Action)
	}
	return nil
}

func (m *Model) change(name string, node *inode) {
	if node == nil {
		delete(m.entries, name)
	} else {
		m.entries[name] = node
	}
	m.underway = append(m.underway, entryChange{path: name, node: node})
}

// sync makes a file's contents sure; its entry is the folder's business.
func (m *Model) sync(node *inode) {
	for _, operation := range node.pending {
		apply(node.synced, operation)
	}
	if len(node.pending) > 0 {
		m.Settled++
	}
	node.pending = nil
}

// syncFolder makes the entries of a folder sure.
func (m *Model) syncFolder(folder string) {
	m.underway = slices.DeleteFunc(m.underway, func(change entryChange) bool {
		if path.Dir(change.path) != folder {
			return false
		}
		place(m.durable, change)
		m.Settled++
		return true
	})
}

func place(entries map[string]*inode, change entryChange) {
	if change.node == nil {
		delete(entries, change.path)
	} else {
		entries[change.path] = change.node
	}
}

// apply carries one change of contents out, whole.
func apply(contents *blob, operation Operation) {
	switch operation.Action {
	case Write:
		contents.writeAt(operation.Data, operation.Offset)
	case Truncate:
		contents.resize(operation.Offset)
	case Grow:
		contents.resize(max(contents.size, operation.Offset))
	}
}

// Underway reports how many changes are on their way to the disk.
func (m *Model) Underway() int {
	count := len(m.underway)
	for _, node := range m.nodes() {
		count += len(node.pending)
	}
	return count
}

// nodes lists every file that a crash may leave behind, each once, in a fixed order.
func (m *Model) nodes() []*inode {
	seen := map[*inode]bool{}
	var nodes []*inode
	add := func(node *inode) {
		if node != nil && !node.folder && !seen[node] {
			seen[node] = true
			nodes = append(nodes, node)
		}
	}
	for _, entries := range []map[string]*inode{m.durable, m.entries} {
		for _, name := range sortedNames(entries) {
			add(entries[name])
		}
	}
	for _, change := range m.underway {
		add(change.node)
	}
	return nodes
}

func sortedNames(entries map[string]*inode) []string {
	names := make([]string, 0, len(entries))
	for name := range entries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// reachable reports whether all folders above a name are there.
func reachable(entries map[string]*inode, name string) bool {
	for strings.Contains(name, "/") {
		name = path.Dir(name)
		if entries[name] == nil {
			return false
		}
	}
	return true
}
