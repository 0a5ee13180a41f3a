package crash

import "testing"

func TestBefore(t *testing.T) {}

func TestCrash(t *testing.T) {
	go func() { panic("boom") }()
	select {}
}

func TestAfter(t *testing.T) {}
