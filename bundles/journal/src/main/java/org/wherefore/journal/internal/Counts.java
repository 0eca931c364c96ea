package org.wherefore.journal.internal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.wherefore.api.claim.Population;
import org.wherefore.api.data.Event;

/** Who has what, as sorted user numbers per item; built once by a scan of the store, kept up to date by new events. Thread-safe. */
final class Counts implements Population {
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, int[]> usersOf = new HashMap<>();
    private final Map<String, Integer> sizes = new HashMap<>();

    synchronized void add(List<Event> events) {
        for (Event e : events) {
            int user = numbers.computeIfAbsent(e.user(), u -> numbers.size());
            int n = sizes.getOrDefault(e.item(), 0);
            int[] users = usersOf.getOrDefault(e.item(), new int[4]);
            int at = Arrays.binarySearch(users, 0, n, user);
            if (at >= 0) {
                continue;
            }
            if (n == users.length) {
                users = Arrays.copyOf(users, n * 2);
            }
            at = -at - 1;
            System.arraycopy(users, at, users, at + 1, n - at);
            users[at] = user;
            usersOf.put(e.item(), users);
            sizes.put(e.item(), n + 1);
        }
    }

    @Override
    public synchronized int users(String item) {
        return sizes.getOrDefault(item, 0);
    }

    @Override
    public synchronized int users(String item, String other) {
        int n = users(item);
        int m = users(other);
        if (n == 0 || m == 0) {
            return 0;
        }
        int[] a = usersOf.get(item);
        int[] b = usersOf.get(other);
        int both = 0;
        for (int i = 0, j = 0; i < n && j < m;) {
            if (a[i] == b[j]) {
                both++;
                i++;
                j++;
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return both;
    }

    @Override
    public synchronized int users() {
        return numbers.size();
    }

    @Override
    public synchronized int popularityRank(String item) {
        int n = users(item);
        return 1 + (int) sizes.values().stream().filter(s -> s > n).count();
    }
}
