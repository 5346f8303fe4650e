;; Puts the module together again that streams.mjs took apart and inline.mjs wrote into a text. It is
;; WebAssembly itself because that takes a millisecond where a loop in JavaScript takes five. It runs once, in
;; the engine's first, quick translation, where calls are dear: what every operation needs is written out.
;;
;; The text is at {TEXT}: a character for the kind of each operation, then the streams. Names in
;; braces are put in by inline.mjs, the kinds are those of streams.mjs.
(module
  (memory (export "m") {PAGES})
  ;; From 0 on: the last alignment of each operation.
  ;; From 256 on: the locals of the function, the one that was used last first.
  ;; From 512 on: for each stream where its next character is.
  ;; From 768 on: the locals as they are at the beginning of a function.
  ;; From 1024 on: what each character stands for.
  (data (i32.const 1056) "{VALUES}")

  ;; The next byte of a stream: a mark says the upper two bits of what comes behind it.
  (func $next (param $stream i32) (result i32)
    (local $at i32) (local $value i32)
    (local.set $at (i32.load offset=512 (local.tee $stream (i32.shl (local.get $stream) (i32.const 2)))))
    (if (i32.gt_u (local.tee $value (i32.load8_u offset=1024 (i32.load8_u (local.get $at)))) (i32.const 252)) (then
      (local.set $value (i32.and (i32.const 255) (i32.add
        (i32.shl (local.get $value) (i32.const 6))
        (i32.load8_u offset=1024 (i32.load8_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1))))))))))
    (i32.store offset=512 (local.get $stream) (i32.add (local.get $at) (i32.const 1)))
    (local.get $value))

  ;; These write to an address, and answer with the one behind.

  (func $putNumber (param $to i32) (param $value i32) (result i32)
    (loop $more
      (if (i32.gt_u (local.get $value) (i32.const 127)) (then
        (i32.store8 (local.get $to) (i32.or (local.get $value) (i32.const 128)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $value (i32.shr_u (local.get $value) (i32.const 7)))
        (br $more))))
    (i32.store8 (local.get $to) (local.get $value))
    (i32.add (local.get $to) (i32.const 1)))

  (func $moveBytes (param $to i32) (param $stream i32) (param $count i32) (result i32)
    (loop $more
      (if (local.get $count) (then
        (i32.store8 (local.get $to) (call $next (local.get $stream)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more))))
    (local.get $to))

  (func (export "d")
    (local $i i32) (local $left i32) (local $next i32) (local $symbol i32) (local $kind i32)
    (local $depth i32) (local $start i32) (local $to i32) (local $at i32)

    (loop $locals
      (i32.store8 offset=768 (local.get $i) (local.get $i))
      (br_if $locals (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 256))))

    ;; Where the streams begin: behind the kinds, and behind each of the characters that end one.
    (local.set $i (i32.const 0))
    (local.set $left (i32.const {STREAMS_AT}))
    (loop $streams
      (i32.store offset=512 (local.get $i) (local.get $left))
      (loop $characters
        (local.set $symbol (i32.load8_u (local.get $left)))
        (local.set $left (i32.add (local.get $left) (i32.const 1)))
        (br_if $characters (i32.ne (local.get $symbol) (i32.const {END}))))
      (br_if $streams (i32.le_u
        (local.tee $i (i32.add (local.get $i) (i32.const 4)))
        (i32.const {STREAMS_TIMES_4}))))

    (local.set $start (call $moveBytes (i32.const {MODULE}) (i32.const 39) (i32.const {HEAD_SIZE})))
    (local.set $next (call $next (i32.const 0)))
    (local.set $at (i32.load (i32.const 512)))
    (local.set $left (i32.const {FUNCTIONS}))
    (loop $functions
      ;; Elsewhere first, for its size comes before it.
      (local.set $to (call $moveBytes (i32.const {FUNCTION}) (i32.const 2) (call $next (i32.const 2))))
      (memory.copy (i32.const 256) (i32.const 768) (i32.const 256))
      (local.set $depth (i32.const 1))
      (loop $operations
        (local.set $symbol (local.get $next))
        (if (i32.gt_u
          (local.tee $next (i32.load8_u offset=1024 (i32.load8_u (local.get $at))))
          (i32.const 252)) (then
          (local.set $next (i32.and (i32.const 255) (i32.add
            (i32.shl (local.get $next) (i32.const 6))
            (i32.load8_u offset=1024 (i32.load8_u
              (local.tee $at (i32.add (local.get $at) (i32.const 1))))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.gt_u
          (local.tee $kind (i32.and
            (i32.load8_u offset={TEXT} (local.get $symbol))
            (i32.const 31)))
          (i32.const 14))
          (then
            (if (i32.eq (local.get $kind) (i32.const 18))
              (then
                (local.set $i (i32.sub (local.get $symbol) (i32.const 224)))
                (local.set $symbol (i32.const 0x20)))
              (else
                (local.set $i (call $next (local.get $kind)))))
            (i32.store8 (local.get $to) (local.get $symbol))
            (local.set $symbol (i32.load8_u offset=256 (local.get $i)))
            (memory.copy (i32.const 257) (i32.const 256) (local.get $i))
            (i32.store8 (i32.const 256) (local.get $symbol))
            (local.set $to (call $putNumber (i32.add (local.get $to) (i32.const 1)) (local.get $symbol)))
            (br $operations)))
        (i32.store8 (local.get $to) (local.get $symbol))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (if (i32.gt_u (local.get $kind) (i32.const 1)) (then
          (if (i32.gt_u (local.get $kind) (i32.const 5))
            (then
              (local.set $depth (i32.add (local.get $depth) (i32.eq (local.get $kind) (i32.const 9))))
              (if (i32.lt_u (local.get $kind) (i32.const 9)) (then
                (i32.store8 (local.get $symbol) (local.tee $i (i32.xor
                  (i32.load8_u (local.get $symbol))
                  (call $next (i32.const 38)))))
                (i32.store8 (local.get $to) (local.get $i))
                (local.set $to (i32.add (local.get $to) (i32.const 1)))))
              (if (i32.eq (local.get $kind) (i32.const 14)) (then
                (local.set $kind (i32.add
                  (i32.const 19)
                  (i32.and
                    (i32.load8_u offset={TEXT} (local.get $next))
                    (i32.const 31))))))
              (loop $number
                (i32.store8 (local.get $to) (local.tee $i (call $next (local.get $kind))))
                (local.set $to (i32.add (local.get $to) (i32.const 1)))
                (br_if $number (i32.gt_u (local.get $i) (i32.const 127)))))
            (else
              (local.set $to (call $moveBytes (local.get $to) (local.get $kind) (call $next (local.get $kind))))))
          (br $operations)))
        (br_if $operations (local.tee $depth
          (i32.sub (local.get $depth) (i32.eq (local.get $symbol) (i32.const 0x0b))))))
      (local.set $start (call $putNumber
        (local.get $start)
        (local.tee $i (i32.sub (local.get $to) (i32.const {FUNCTION})))))
      (memory.copy (local.get $start) (i32.const {FUNCTION}) (local.get $i))
      (local.set $start (i32.add (local.get $start) (local.get $i)))
      (br_if $functions (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))

    ;; What follows the code has texts in it, and is as it is but for what has no character.
    (local.set $left (i32.const {REST_SIZE}))
    (local.set $i (i32.load (i32.const {REST_AT})))
    (loop $rest
      (if (local.get $left) (then
        (local.set $symbol (i32.load8_u (local.get $i)))
        (if (i32.gt_u (local.get $symbol) (i32.const {LAST_PLAIN})) (then
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $symbol (i32.add
            (i32.mul (i32.sub (local.get $symbol) (i32.const 1)) (i32.const 199))
            (i32.load8_u (local.get $i))))))
        (i32.store8 (local.get $start) (local.get $symbol))
        (local.set $start (i32.add (local.get $start) (i32.const 1)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $rest))))))
