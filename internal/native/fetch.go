package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many downloads run at the same time.
const atOnce = 2

// Fetch does what a plan says. It takes the store's lock, so that two processes don't clash, adopts files that are already
// right, downloads the rest, verifies it and puts it in place. It goes on past entries that fail; the error joins theirs.
// What was downloaded before an error or the end of ctx is kept, and the next Fetch goes on from there.
func (s *Store) Fetch(ctx context.Context, plan Plan, progress Progress) error {
	if plan.Nothing() {
		return nil
	}
	if progress == nil {
		progress = silent{}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("native: %w", spaceError(err))
	}
	unlock, err := lock(ctx, filepath.Join(s.dir, ".lock"), func() {
		progress.Note("another twombly is fetching into " + s.dir + "; waiting for it")
	})
	if err != nil {
		return err
	}
	defer unlock()
	f := &fetcher{Store: s, progress: progress, downloads: make(chan struct{}, atOnce), unreachable: make(map[string]error)}
	if err := s.sweep(); err != nil {
		return err
	}
	todo, err := f.adopt(ctx, plan)
	if err != nil {
		return err
	}
	if err := s.checkSpace(todo); err != nil {
		return err
	}
	failures := make([]error, len(todo))
	var all sync.WaitGroup
	for i, job := range todo {
		all.Go(func() { failures[i] = f.fetchGroup(ctx, job) })
	}
	all.Wait()
	for _, item := range plan.Items {
		failures = append(failures, s.link(item.Entry), s.tidy(item.Entry))
	}
	return errors.Join(failures...)
}

// Get makes one entry ready: a plan and a fetch of it, without asking anybody.
func (s *Store) Get(ctx context.Context, id string, progress Progress) error {
	plan, err := s.Plan(id)
	if err != nil {
		return err
	}
	return s.Fetch(ctx, plan, progress)
}

// fetcher is one run of Fetch.
type fetcher struct {
	*Store
	progress  Progress
	downloads chan struct{} // one token for each download that runs

	mu          sync.Mutex
	unreachable map[string]error // hosts that could not be reached in this run
}

// job is a group of files to be fetched.
type job struct {
	entry   Entry
	group   Group
	missing []File
}

func (j job) name() string {
	if j.group.Title == "" || len(j.entry.Groups) == 1 {
		return j.entry.Title
	}
	return j.entry.Title + ", " + j.group.Title
}

// adopt hashes the files that are here and not known to be right, and returns what is left to fetch. Files with wrong
// contents are left in place until right ones replace them.
func (f *fetcher) adopt(ctx context.Context, plan Plan) ([]job, error) {
	var todo []job
	for _, item := range plan.Items {
		if f.State(item.Entry.ID).System != "" {
			continue
		}
		for _, group := range item.Entry.Groups {
			bar := Bar(nil)
			var missing []File
			stamps := f.readStamps(item.Entry.ID)
			for _, file := range group.Files {
				switch f.lookAt(item.Entry, file, stamps) {
				case Ready:
				case Unverified:
					if bar == nil {
						bar = f.progress.Begin(job{item.Entry, group, nil}.name())
						bar.Note("verifying")
					}
					err := f.hashFile(ctx, item.Entry, file)
					if ctx.Err() != nil {
						bar.Done(ctx.Err())
						return nil, ctx.Err()
					}
					if err != nil {
						f.log.Warn("a file that is here is not right and will be fetched", "error", err)
						missing = append(missing, file)
						continue
					}
					f.writeStamp(item.Entry.ID, file)
				default:
					missing = append(missing, file)
				}
			}
			if bar != nil {
				bar.Done(nil)
			}
			if len(missing) > 0 {
				todo = append(todo, job{item.Entry, group, missing})
			}
		}
	}
	return todo, nil
}

// checkSpace compares what the jobs need with what is free.
func (s *Store) checkSpace(todo []job) error {
	if len(todo) == 0 {
		return nil
	}
	var need, largest int64
	for _, job := range todo {
		_, artefact := s.worst(job.entry, job.group, job.missing)
		largest = max(largest, artefact)
		for _, file := range job.missing {
			need += file.Bytes - s.partialBytes(job.entry, file)
		}
	}
	need += 4*largest + spaceMargin
	free, err := s.freeSpace(s.dir)
	if err != nil {
		return fmt.Errorf("native: free space of %s: %w", s.dir, err)
	}
	if uint64(max(need, 0)) > free {
		return fmt.Errorf("%w in %s: %s are needed and %s are free; make room, or set $%s to a folder on a larger disk",
			ErrSpace, s.dir, Size(need), Size(int64(free)), CacheVariable)
	}
	return nil
}

// fetchGroup tries a group's sources in order.
func (f *fetcher) fetchGroup(ctx context.Context, job job) (err error) {
	bar := f.progress.Begin(job.name())
	defer func() { bar.Done(err) }()
	if job.missing = f.finishComplete(ctx, job); len(job.missing) == 0 {
		return nil
	}
	var failures []error
	for _, source := range job.group.Sources {
		err := f.fetchSource(ctx, job, source, &meter{bar: bar})
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("fetching %s: %w", job.entry.ID, ctx.Err())
		case outOfSpace(err):
			return fmt.Errorf("fetching %s: %w", job.entry.ID, spaceError(err))
		}
		f.log.Info("a source did not work", "entry", job.entry.ID, "source", source.Name, "error", err)
		failures = append(failures, fmt.Errorf("from %s: %w", source.Name, err))
	}
	err = fmt.Errorf("%s could not be fetched: %w", job.entry.ID, errors.Join(failures...))
	if job.entry.SystemHint != "" {
		err = fmt.Errorf("%w\n%s", err, job.entry.SystemHint)
	}
	return err
}

// finishComplete puts the files in place whose every piece an earlier run has brought, and returns the others.
func (f *fetcher) finishComplete(ctx context.Context, job job) (missing []File) {
	for _, file := range job.missing {
		if f.partialBytes(job.entry, file) == file.Bytes && len(f.donePieces(job.entry, file.Name)) > 0 {
			err := f.finishPieces(ctx, job.entry, file)
			if err == nil {
				continue
			}
			f.log.Info("what an earlier run left is of no use", "entry", job.entry.ID, "file", file.Name, "error", err)
		}
		missing = append(missing, file)
	}
	return missing
}

// fetchSource gets a group's missing files from one source and puts them in place.
func (f *fetcher) fetchSource(ctx context.Context, job job, source Source, meter *meter) error {
	var total int64
	for _, artefact := range source.Artefacts {
		if len(f.needed(job.entry, artefact, job.missing)) > 0 {
			total += artefact.Bytes
		}
	}
	meter.begin(total)
	group, running := errgroup.WithContext(ctx)
	for i, artefact := range source.Artefacts {
		pieces := f.needed(job.entry, artefact, job.missing)
		if len(pieces) == 0 {
			continue
		}
		// In order, so that the parts of a file come one after the other.
		select {
		case f.downloads <- struct{}{}:
		case <-running.Done():
			return group.Wait()
		}
		group.Go(func() error {
			defer func() { <-f.downloads }()
			progress := func(done int64) { meter.set(i, done) }
			if artefact.Via == HTTPS {
				return f.fetchAddress(running, job, artefact, progress)
			}
			return f.fetchPackage(running, job, artefact, pieces, progress)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if source.Artefacts[0].Via == HTTPS {
		return nil // each was put in place when it was there
	}
	meter.bar.Note("verifying")
	for _, file := range job.missing {
		if err := f.finishPieces(ctx, job.entry, file); err != nil {
			return err
		}
	}
	return nil
}

// install gives a verified file its name.
func (s *Store) install(entry Entry, file File, from string) error {
	to := filepath.Join(s.Folder(entry.ID), filepath.FromSlash(file.Name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	s.writeStamp(entry.ID, file)
	return nil
}

// link makes an entry's symbolic links to files that are here.
func (s *Store) link(entry Entry) error {
	for name, target := range entry.Links {
		path := filepath.Join(s.Folder(entry.ID), name)
		if _, err := os.Stat(filepath.Join(s.Folder(entry.ID), target)); err != nil {
			continue // its fetch failed and said so
		}
		if there, err := os.Readlink(path); err == nil && there == target {
			continue
		}
		temporary := path + ".new"
		if err := errors.Join(removeIfThere(temporary), os.Symlink(target, temporary), os.Rename(temporary, path)); err != nil {
			return fmt.Errorf("%s: %w", entry.ID, err)
		}
	}
	return nil
}

func spaceError(err error) error {
	if outOfSpace(err) {
		return fmt.Errorf("%w: %w; what was downloaded is kept, so make room and fetch again", ErrSpace, err)
	}
	return err
}
