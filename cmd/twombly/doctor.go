package main

type doctorCommand struct{}

func (d *doctorCommand) Run() error { return nil }
