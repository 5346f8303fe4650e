//! The allocator over memory of the test's own, natively and by Miri: blocks that do not overlap, are
//! aligned, and are wiped when they are given back.

use core::alloc::{GlobalAlloc, Layout};
use std::alloc::System;
use std::sync::Mutex;

use super::{Classes, PAGE};

/// As `memory.grow`: so many more pages of zeros, and which page is the first of them. Each test thread
/// gets its own stretch, which another one's may lie before: as if somebody else had grown the memory.
pub(super) fn grow<const MEMORY: u32>(pages: usize) -> usize {
    const ALL: usize = 512;
    /// Where the next pages begin, and how many there are.
    static LEFT: Mutex<(usize, usize)> = Mutex::new((0, 0));
    let mut left = LEFT.lock().unwrap();
    if left.1 == 0 {
        let layout = Layout::from_size_align(ALL * PAGE, PAGE).unwrap();
        // SAFETY: the layout is not empty. It is never given back.
        *left = (
            unsafe { System.alloc_zeroed(layout) }.expose_provenance(),
            ALL,
        );
    }
    if pages > left.1 {
        return usize::MAX;
    }
    let first = left.0;
    *left = (first + pages * PAGE, left.1 - pages);
    first / PAGE
}

struct Block {
    at: *mut u8,
    layout: Layout,
    filled: u8,
}

impl Block {
    fn new(heap: &Classes, size: usize, align: usize, filled: u8) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: the layout is not empty.
        let at = unsafe { heap.alloc(layout) };
        assert!(!at.is_null());
        assert_eq!(at.addr() % align, 0, "{layout:?}");
        let block = Self { at, layout, filled };
        block.fill(0);
        block
    }

    /// Fills the block from there on.
    fn fill(&self, from: usize) {
        // SAFETY: within the block.
        unsafe {
            self.at
                .add(from)
                .write_bytes(self.filled, self.layout.size() - from);
        }
    }

    fn holds_what_it_was_given(&self, upto: usize) {
        // SAFETY: within the block, which was filled.
        let bytes = unsafe { core::slice::from_raw_parts(self.at, upto) };
        assert!(
            bytes.iter().all(|byte| *byte == self.filled),
            "{:?}",
            self.layout
        );
    }

    fn resize(&mut self, heap: &Classes, size: usize) {
        let old = self.layout.size();
        // SAFETY: the block is this one's, and its new size is not zero.
        self.at = unsafe { heap.realloc(self.at, self.layout, size) };
        assert!(!self.at.is_null());
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        self.holds_what_it_was_given(size.min(old));
        if size > old {
            self.fill(old);
        }
    }

    fn give_back(self, heap: &Classes) -> *mut u8 {
        self.holds_what_it_was_given(self.layout.size());
        // SAFETY: the block is this one's, and not used again.
        unsafe { heap.dealloc(self.at, self.layout) };
        self.at
    }
}

#[test]
fn blocks_keep_what_is_theirs_whatever_happens_to_others() {
    let heap = Classes::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut state = 1_u32;
    let mut roll = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for round in 0..400 {
        let most = [24, 700, 9_000][roll(3)];
        let size = 1 + roll(most);
        match roll(4) {
            0 | 1 => blocks.push(Block::new(&heap, size, 1 << roll(5), round as u8)),
            2 if !blocks.is_empty() => {
                let at = roll(blocks.len());
                blocks[at].resize(&heap, size);
            }
            3 if !blocks.is_empty() => {
                let at = roll(blocks.len());
                blocks.swap_remove(at).give_back(&heap);
            }
            _ => {}
        }
    }
    for block in blocks {
        block.give_back(&heap);
    }
}

#[test]
fn a_block_of_a_power_of_two_takes_no_more_than_that() {
    let heap = Classes::new();
    let first = Block::new(&heap, 64, 1, 1).at;
    let second = Block::new(&heap, 64, 1, 2).at;
    assert_eq!(second.addr() - first.addr(), 64);
}

#[test]
fn what_is_given_back_is_wiped_and_given_out_again() {
    let heap = Classes::new();
    let at = Block::new(&heap, 100, 1, 0xaa).give_back(&heap);
    let again = Block::new(&heap, 90, 1, 0);
    assert_eq!(again.at, at, "a block of its class");
    // SAFETY: the block has 128 bytes; those behind its first 90 were written when it had 100.
    let rest = unsafe { core::slice::from_raw_parts(at.add(90), 10) };
    assert_eq!(rest, [0; 10]);
}

#[test]
fn what_is_cut_off_is_wiped_at_once() {
    let heap = Classes::new();
    let mut block = Block::new(&heap, 120, 1, 0xaa);
    let at = block.at;
    block.resize(&heap, 70);
    assert_eq!(block.at, at, "it shrank where it was");
    // SAFETY: the block has 128 bytes, and those up to 120 were written.
    let rest = unsafe { core::slice::from_raw_parts(at.add(70), 50) };
    assert_eq!(rest, [0; 50]);
    block.resize(&heap, 20);
    assert_ne!(block.at, at, "a smaller class");
    // SAFETY: nobody has the block; what was in it was written before.
    let old = unsafe { core::slice::from_raw_parts(at.add(size_of::<usize>()), 60) };
    assert_eq!(old, [0; 60]);
}

#[test]
fn blocks_larger_than_a_page_and_memory_that_ends() {
    let heap = Classes::new();
    let large = Block::new(&heap, 3 * PAGE, 8, 1);
    let small = Block::new(&heap, 1, 1, 2);
    large.give_back(&heap);
    let again = Block::new(&heap, 4 * PAGE, 8, 3);
    small.holds_what_it_was_given(1);
    again.holds_what_it_was_given(4 * PAGE);
    for size in [1 << 30, 1 << 33] {
        // SAFETY: the layout is not empty.
        let none = unsafe { heap.alloc(Layout::from_size_align(size, 1).unwrap()) };
        assert!(none.is_null());
    }
}
