package carts

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	fmt.Println("before all")
	code := m.Run()
	fmt.Println("after all")
	os.Exit(code)
}

func TestAdds(t *testing.T) {
	fmt.Print("no line end")
}

func TestFails(t *testing.T) {
	t.Errorf("want %d\nand more", 3)
}

func TestSkips(t *testing.T) {
	t.Skip("no redis")
}

func TestEach(t *testing.T) {
	t.Cleanup(func() { fmt.Println("clean up") })
	for _, name := range []string{"one item", "two"} {
		t.Run(name, func(t *testing.T) {
			if name == "two" {
				t.Run("deep", func(t *testing.T) { t.Log("here") })
			}
			t.Log("after deep")
		})
	}
	t.Log("after each")
}

func TestOneFails(t *testing.T) {
	t.Run("bad", func(t *testing.T) { t.Fatal("why") })
	t.Run("good", func(t *testing.T) {})
}

func TestItselfFails(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Error("after its parts")
}

func TestAtOnceA(t *testing.T) {
	t.Parallel()
	time.Sleep(time.Millisecond)
}

func TestAtOnceB(t *testing.T) {
	fmt.Println("before t.Parallel()")
	t.Parallel()
	for _, name := range []string{"x", "y"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			time.Sleep(time.Millisecond)
		})
	}
}

func TestAtOnceC(t *testing.T) {
	t.Parallel()
}

func ExampleHello() {
	fmt.Println("hello")
	// Output: hello
}

func FuzzNames(f *testing.F) {
	f.Add("a")
	f.Fuzz(func(t *testing.T, name string) {})
}
