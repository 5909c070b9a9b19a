//! What each piece of a sentence takes from the others (Vaswani et al. 2017).

/// Scaled dot products of one sentence: `projected` has queries, keys and values of `width` numbers each, side by side in a row a piece;
/// `out` gets `width` numbers a piece.
pub(super) fn attend(projected: &[f32], heads: usize, width: usize, out: &mut [f32]) {
    let pieces = out.len() / width;
    let size = width / heads;
    let scale = 1.0 / (size as f32).sqrt();
    let mut keys = vec![0.0; size * pieces];
    let mut shares = vec![0.0; pieces];
    for head in 0..heads {
        let at = |kind: usize, piece: usize| piece * 3 * width + kind * width + head * size;
        for piece in 0..pieces {
            let key = &projected[at(1, piece)..][..size];
            key.iter().enumerate().for_each(|(number, &value)| keys[number * pieces + piece] = value * scale);
        }
        for piece in 0..pieces {
            shares.fill(0.0);
            let query = &projected[at(0, piece)..][..size];
            for (&number, keys) in query.iter().zip(keys.chunks_exact(pieces)) {
                shares.iter_mut().zip(keys).for_each(|(share, key)| *share += number * key);
            }
            softmax(&mut shares);
            let out = &mut out[piece * width + head * size..][..size];
            for (other, &share) in shares.iter().enumerate() {
                let value = &projected[at(2, other)..][..size];
                out.iter_mut().zip(value).for_each(|(out, value)| *out += share * value);
            }
        }
    }
}

fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter_mut().for_each(|value| *value = (*value - most).exp());
    let all: f32 = values.iter().sum();
    values.iter_mut().for_each(|value| *value /= all);
}
