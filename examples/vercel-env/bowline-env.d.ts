// Written by `bowline types`. Changes made here are lost.
// What each link is called and what it looks like; never a value.
import "bowline";

declare module "bowline" {
  interface Resources {
  }

  interface Consumers {
  }
}
