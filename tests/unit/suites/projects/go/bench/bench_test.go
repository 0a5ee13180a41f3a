package bench

import "testing"

func TestOne(t *testing.T) {}

func BenchmarkOne(b *testing.B) {
	for i := 0; i < b.N; i++ {
	}
}
