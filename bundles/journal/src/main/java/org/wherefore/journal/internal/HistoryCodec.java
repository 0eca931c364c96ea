package org.wherefore.journal.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Event;

/** A user's imported history as one binary value, both ways. Thread-safe. */
final class HistoryCodec {
    private HistoryCodec() {}

    /** Length-prefixed, so that identifiers may hold any character; times to the nanosecond. */
    static byte[] write(List<Event> events) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(events.size() * 32);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(events.size());
            for (Event e : events) {
                out.writeUTF(e.id());
                out.writeUTF(e.item());
                out.writeUTF(e.kind());
                out.writeLong(e.time().getEpochSecond());
                out.writeInt(e.time().getNano());
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "an event's id, item or kind is longer than 65,535 bytes", e);
        }
        return bytes.toByteArray();
    }

    static List<Event> read(String user, byte[] data) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(data))) {
            int n = in.readInt();
            List<Event> out = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                out.add(new Event(in.readUTF(), user, in.readUTF(), in.readUTF(),
                        Instant.ofEpochSecond(in.readLong(), in.readInt())));
            }
            return out;
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the stored history of '" + user + "' is not readable", e);
        }
    }
}
