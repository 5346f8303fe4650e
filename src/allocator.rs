//! The module's memory: free lists by powers of two over memory that only grows. What is given back
//! is wiped, so that no password, code or token stays behind in it, whoever forgot it there: a text
//! that moved when it grew, an argument that JavaScript handed over.
//!
//! The one file with `unsafe` in it. The standard library's allocator takes 4 kB more, `talc` 1 kB (0.7
//! kB as served), and neither wipes.
#![allow(unsafe_code)]

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::UnsafeCell,
    ptr,
};

#[cfg(target_arch = "wasm32")]
use core::arch::wasm32::memory_grow as grow;

#[cfg(not(target_arch = "wasm32"))]
use tests::grow;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: Classes = Classes::new();

/// Blocks of 2⁰ to 2³¹ bytes; the smallest that is given out has 2⁴.
const CLASSES: usize = 32;
const SMALLEST: usize = 16;
const PAGE: usize = 65_536;

struct Classes(UnsafeCell<Lists>);

impl Classes {
    const fn new() -> Self {
        Self(UnsafeCell::new(Lists {
            free: [ptr::null_mut(); CLASSES],
            next: 0,
            end: 0,
        }))
    }
}

struct Lists {
    /// The first free block of each class; its first word leads to the next.
    free: [*mut u8; CLASSES],
    /// What was never given out begins here, and ends there.
    next: usize,
    end: usize,
}

// SAFETY: the target has one thread, and nothing here calls anything that allocates.
unsafe impl Sync for Classes {}

/// By what power of two a block of this size is given out. Larger alignments than a block's own
/// size are none that this crate or its dependencies ask for; they count as a size.
fn class(layout: Layout) -> usize {
    let size = layout.size().max(layout.align()).max(SMALLEST);
    usize::BITS as usize - (size - 1).leading_zeros() as usize
}

// SAFETY: a block is one of 2ⁿ bytes, aligned to as many (below a page; larger ones to a page), is
// taken from a list that holds only what was given back, or from memory that nobody had, and is in no
// list while it is in use.
unsafe impl GlobalAlloc for Classes {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout);
        let size = 1_usize << class;
        // SAFETY: see `Sync`: no other reference to the lists is alive.
        let lists = unsafe { &mut *self.0.get() };
        let Some(free) = lists.free.get_mut(class) else {
            return ptr::null_mut();
        };
        let first = *free;
        if !first.is_null() {
            // SAFETY: a free block begins with where the next one is.
            *free = unsafe { first.cast::<*mut u8>().read() };
            return first;
        }
        // Blocks lie at multiples of their size, up to a page.
        let align = size.min(PAGE);
        let mut at = lists.next.next_multiple_of(align);
        if at + size > lists.end {
            let pages = size.div_ceil(PAGE);
            let before = grow::<0>(pages);
            if before == usize::MAX {
                return ptr::null_mut();
            }
            // Usually it goes on where the memory ended, and nothing of that is lost.
            if before * PAGE != lists.end {
                at = before * PAGE;
            }
            lists.end = (before + pages) * PAGE;
        }
        lists.next = at + size;
        at as *mut u8
    }

    #[inline(never)]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's until now, and has at least this size; see `alloc`.
        unsafe {
            ptr::write_bytes(at, 0, layout.size());
            let lists = &mut *self.0.get();
            if let Some(free) = lists.free.get_mut(class(layout)) {
                at.cast::<*mut u8>().write(*free);
                *free = at;
            }
        }
    }

    /// What grows within its block stays where it is.
    #[inline(never)]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises, `size` is none that overflows with this alignment.
        unsafe {
            let new = Layout::from_size_align_unchecked(size, layout.align());
            if class(new) == class(layout) {
                // What is cut off is not wiped later: `dealloc` is told the new size.
                ptr::write_bytes(at.add(size), 0, layout.size().saturating_sub(size));
                return at;
            }
            let moved = self.alloc(new);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(at, moved, layout.size().min(size));
                self.dealloc(at, layout);
            }
            moved
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
