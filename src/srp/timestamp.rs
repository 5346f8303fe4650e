//! `TIMESTAMP` of `PASSWORD_VERIFIER`.

/// `Mon Jan 2 15:04:05 UTC 2026`: English, UTC, the day of the month not padded. `wall_ms` counts
/// from the epoch; a time outside 1970 to 9999 is moved to the nearer end.
pub(super) fn utc(wall_ms: f64) -> String {
    // The cast saturates and makes 0 of NaN.
    let seconds = ((wall_ms / 1000.0) as u64).min(253_402_300_799);
    let (days, second) = ((seconds / 86_400) as u32, (seconds % 86_400) as u32);
    let (year, month, day) = civil(days);

    let mut text = String::with_capacity(28);
    // 1 January 1970 was a Thursday.
    push_name(&mut text, "SunMonTueWedThuFriSat", (days + 4) % 7);
    push_name(&mut text, "JanFebMarAprMayJunJulAugSepOctNovDec", month);
    push_number(&mut text, day, 1);
    for (part, separator) in [
        (second / 3600, ' '),
        (second / 60 % 60, ':'),
        (second % 60, ':'),
    ] {
        text.push(separator);
        push_number(&mut text, part, 2);
    }
    text.push_str(" UTC ");
    push_number(&mut text, year, 4);
    text
}

/// Days since the epoch as a year, a month from 0 and a day from 1.
fn civil(mut days: u32) -> (u32, u32, u32) {
    let mut year = 1970;
    // At most 8029 rounds, and 60 in practice.
    while days >= 365 + leap(year) {
        days -= 365 + leap(year);
        year += 1;
    }
    let mut month = 0;
    for length in [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn leap(year: u32) -> u32 {
    u32::from(year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)))
}

fn push_name(text: &mut String, names: &str, index: u32) {
    let start = 3 * index as usize;
    text.push_str(names.get(start..start + 3).unwrap_or_default());
    text.push(' ');
}

fn push_number(text: &mut String, value: u32, width: u32) {
    if value >= 10 || width > 1 {
        push_number(text, value / 10, width.saturating_sub(1));
    }
    text.push(char::from(b'0' + (value % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_pool_reads_them() {
        for (seconds, text) in [
            (0.0, "Thu Jan 1 00:00:00 UTC 1970"),
            (951_782_400.0, "Tue Feb 29 00:00:00 UTC 2000"),
            (951_868_800.0, "Wed Mar 1 00:00:00 UTC 2000"),
            (1_735_603_199.0, "Mon Dec 30 23:59:59 UTC 2024"),
            (1_735_603_200.0, "Tue Dec 31 00:00:00 UTC 2024"),
            (1_773_861_176.0, "Wed Mar 18 19:12:56 UTC 2026"),
            (1_798_761_599.0, "Thu Dec 31 23:59:59 UTC 2026"),
            (1_798_761_600.0, "Fri Jan 1 00:00:00 UTC 2027"),
            (4_107_542_400.0, "Mon Mar 1 00:00:00 UTC 2100"),
            (253_402_300_799.0, "Fri Dec 31 23:59:59 UTC 9999"),
        ] {
            assert_eq!(utc(seconds * 1000.0), text);
            assert_eq!(utc(seconds * 1000.0 + 999.0), text);
        }
    }

    #[test]
    fn times_that_are_none_are_moved_to_the_nearer_end() {
        assert_eq!(utc(f64::NAN), "Thu Jan 1 00:00:00 UTC 1970");
        assert_eq!(utc(f64::NEG_INFINITY), "Thu Jan 1 00:00:00 UTC 1970");
        assert_eq!(utc(-1.0), "Thu Jan 1 00:00:00 UTC 1970");
        assert_eq!(utc(f64::INFINITY), "Fri Dec 31 23:59:59 UTC 9999");
    }
}
