package org.wherefore.registry.internal;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.registry.ModelVersion;

/** Writes a version as an archive; the same version gives the same bytes. Stateless. */
final class ArchiveWriter {
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private ArchiveWriter() {}

    static void write(DiskModelRegistry owner, ModelVersion version, Signature signature, Path folder, Set<String> entries, OutputStream out) {
        String what = version.info().name() + ":" + version.info().version();
        try {
            List<Manifest.Entry> listed = new ArrayList<>();
            for (String entry : entries) {
                listed.add(new Manifest.Entry(entry, Files.size(folder.resolve(entry)), sha256(folder.resolve(entry))));
            }
            Manifest manifest = new Manifest(Manifest.FORMAT, Manifest.VERSION, new Manifest.Model(version.info().name(), version.info().version(),
                    version.info().engine(), version.info().digest()), version.created().toString(), version.provenance(), version.metrics(),
                    signature, listed);
            ZipOutputStream zip = new ZipOutputStream(new Unclosed(out));
            zip.setLevel(Deflater.BEST_SPEED);
            entry(zip, Manifest.ENTRY);
            zip.write(Manifest.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
            zip.closeEntry();
            for (String entry : entries) {
                entry(zip, Manifest.FOLDER + entry);
                Files.copy(folder.resolve(entry), zip);
                zip.closeEntry();
            }
            zip.close();
        } catch (IOException e) {
            throw owner.storage("exporting model " + what, e);
        }
    }

    private static void entry(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest sha = sha();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n; (n = in.read(buffer)) > 0;) {
                sha.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
        }
    }

    /** Lets a zip be ended without closing what it is written to. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            out.write(b, off, len);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
