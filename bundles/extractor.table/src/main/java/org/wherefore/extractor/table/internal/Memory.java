package org.wherefore.extractor.table.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The records that aggregates remember: all whose time is within the longest span of the newest one. A record is a slot in arrays of
 * primitives; its entities know their slots by time. What is too old is asked about at once and removed in sweeps, each when the slots
 * have doubled since the last one, so that memory stays below twice what is needed. Not thread-safe.
 */
final class Memory {
    private static final int FIRST = 1_024;
    private static final byte FREE = 0;
    private static final byte NEGATIVE = 1;
    private static final byte POSITIVE = 2;
    private final AggregateSpec spec;
    private final List<int[]> summed = new ArrayList<>();
    private final List<Boolean> risk = new ArrayList<>();
    private final List<Map<String, Past>> entities = new ArrayList<>();
    private boolean empty = true;
    private long newest;
    private int used;
    private int sweepAt = FIRST;
    private byte[] states = new byte[FIRST];
    private long[] times = new long[FIRST];
    private long[] firstIds = new long[FIRST];
    private long[] secondIds = new long[FIRST];
    private final Past[][] owners;
    private final double[][] numbers;
    private final long[][] texts;
    private int[] free = new int[FIRST];
    private int frees;
    private int next;
    /** Open addressing by the id's hash: slot + 1, 0 where nothing is. */
    private int[] table = new int[FIRST * 4];

    Memory(AggregateSpec spec) {
        this.spec = spec;
        spec.spans().keySet().forEach(e -> {
            entities.add(new HashMap<>());
            summed.add(spec.summed(e));
            risk.add(spec.risk(e));
        });
        owners = new Past[entities.size()][FIRST];
        numbers = new double[spec.numbers().size()][FIRST];
        texts = new long[spec.texts().size()][FIRST];
    }

    /** One record as it is kept. Arrays are by entity field, number field (NaN: missing) and text field (0: missing) of the plan. */
    record Item(long time, long firstId, long secondId, boolean positive, String[] keys, double[] numbers, long[] texts) {}

    /** Records up to this time are forgotten; the smallest number when nothing is. */
    long cutoff() {
        return empty ? Long.MIN_VALUE : minus(newest, spec.span());
    }

    boolean isEmpty() {
        return empty;
    }

    long newest() {
        return newest;
    }

    static long minus(long time, long span) {
        return time < Long.MIN_VALUE + span ? Long.MIN_VALUE : time - span;
    }

    /** What is known of an entity, null when nothing is. */
    Past past(int entity, String key) {
        return key == null ? null : entities.get(entity).get(key);
    }

    /** Slot of a record that is remembered, -1 when none of this id is. */
    int find(long firstId, long secondId) {
        int cell = cell(firstId, secondId);
        int slot = table[cell] - 1;
        return slot >= 0 && times[slot] > cutoff() ? slot : -1;
    }

    private int cell(long firstId, long secondId) {
        int mask = table.length - 1;
        int cell = (int) (secondId ^ secondId >>> 32) & mask;
        while (table[cell] != 0 && (firstIds[table[cell] - 1] != firstId || secondIds[table[cell] - 1] != secondId)) {
            cell = cell + 1 & mask;
        }
        return cell;
    }

    long time(int slot) {
        return times[slot];
    }

    boolean positive(int slot) {
        return states[slot] == POSITIVE;
    }

    Past owner(int entity, int slot) {
        return owners[entity][slot];
    }

    double number(int field, int slot) {
        return numbers[field][slot];
    }

    long text(int field, int slot) {
        return texts[field][slot];
    }

    boolean add(Item item) {
        if (item.time() <= cutoff() || find(item.firstId(), item.secondId()) >= 0) {
            return false;
        }
        if (empty || item.time() > newest) {
            newest = item.time();
            empty = false;
        }
        if (used >= sweepAt) {
            sweep();
        }
        int slot = slot();
        states[slot] = item.positive() ? POSITIVE : NEGATIVE;
        times[slot] = item.time();
        firstIds[slot] = item.firstId();
        secondIds[slot] = item.secondId();
        for (int n = 0; n < numbers.length; n++) {
            numbers[n][slot] = item.numbers()[n];
        }
        for (int t = 0; t < texts.length; t++) {
            texts[t][slot] = item.texts()[t];
        }
        for (int e = 0; e < owners.length; e++) {
            String key = item.keys()[e];
            Past past = past(e, key);
            if (past == null && key != null) {
                past = new Past(key, summed.get(e), risk.get(e));
                entities.get(e).put(key, past);
            }
            owners[e][slot] = past;
            if (past != null) {
                past.forget(cutoff());
                past.insert(item.time(), slot, item.positive(), item.numbers());
            }
        }
        table[cell(item.firstId(), item.secondId())] = slot + 1;
        used++;
        return true;
    }

    void label(int slot, boolean positive) {
        if (positive(slot) == positive) {
            return;
        }
        states[slot] = positive ? POSITIVE : NEGATIVE;
        for (Past[] owner : owners) {
            if (owner[slot] != null) {
                owner[slot].label(owner[slot].position(times[slot], slot), positive ? 1 : -1);
            }
        }
    }

    private int slot() {
        if (frees > 0) {
            return free[--frees];
        }
        if (next == states.length) {
            grow();
        }
        return next++;
    }

    private void grow() {
        int size = states.length * 2;
        states = Arrays.copyOf(states, size);
        times = Arrays.copyOf(times, size);
        firstIds = Arrays.copyOf(firstIds, size);
        secondIds = Arrays.copyOf(secondIds, size);
        free = Arrays.copyOf(free, size);
        for (int e = 0; e < owners.length; e++) {
            owners[e] = Arrays.copyOf(owners[e], size);
        }
        for (int n = 0; n < numbers.length; n++) {
            numbers[n] = Arrays.copyOf(numbers[n], size);
        }
        for (int t = 0; t < texts.length; t++) {
            texts[t] = Arrays.copyOf(texts[t], size);
        }
        table = new int[size * 4];
        index();
    }

    private void sweep() {
        long cutoff = cutoff();
        for (Map<String, Past> all : entities) {
            all.values().removeIf(past -> {
                past.forget(cutoff);
                past.shrink();
                return past.isEmpty();
            });
        }
        for (int slot = 0; slot < next; slot++) {
            if (states[slot] != FREE && times[slot] <= cutoff) {
                states[slot] = FREE;
                free[frees++] = slot;
                used--;
                for (Past[] owner : owners) {
                    owner[slot] = null;
                }
            }
        }
        Arrays.fill(table, 0);
        index();
        sweepAt = Math.max(FIRST, used * 2);
    }

    private void index() {
        for (int slot = 0; slot < next; slot++) {
            // Of two records of one id the newer one was let in because the other was forgotten.
            if (states[slot] != FREE && times[slot] > cutoff()) {
                table[cell(firstIds[slot], secondIds[slot])] = slot + 1;
            }
        }
    }

    /** All that is remembered, by time and id. */
    int[] sorted() {
        long cutoff = cutoff();
        Integer[] slots = new Integer[next];
        int count = 0;
        for (int slot = 0; slot < next; slot++) {
            if (states[slot] != FREE && times[slot] > cutoff) {
                slots[count++] = slot;
            }
        }
        Arrays.sort(slots, 0, count, (a, b) -> {
            int order = Long.compare(times[a], times[b]);
            order = order != 0 ? order : Long.compare(firstIds[a], firstIds[b]);
            return order != 0 ? order : Long.compare(secondIds[a], secondIds[b]);
        });
        int[] sorted = new int[count];
        Arrays.setAll(sorted, i -> slots[i]);
        return sorted;
    }

    Item item(int slot) {
        String[] keys = new String[owners.length];
        for (int e = 0; e < keys.length; e++) {
            keys[e] = owners[e][slot] == null ? null : owners[e][slot].key;
        }
        double[] n = new double[numbers.length];
        Arrays.setAll(n, i -> numbers[i][slot]);
        long[] t = new long[texts.length];
        Arrays.setAll(t, i -> texts[i][slot]);
        return new Item(times[slot], firstIds[slot], secondIds[slot], positive(slot), keys, n, t);
    }
}
