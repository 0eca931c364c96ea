package org.wherefore.connector.dicom.internal;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * Names that stand for UIDs: the same for the same UID in the same home, and nobody who lacks the home's key finds the UID by trying. The
 * key is made when it is first needed and kept in {@code HOME/secrets/dicom.key}, readable by its owner; without a home it lasts as long
 * as the process. Thread-safe.
 */
final class Pseudonyms {
    private static final int KEY_BYTES = 32;
    private final Path file;
    private byte[] key;

    /** @param home null for a key of this process */
    Pseudonyms(Path home) {
        this.file = home == null ? null : home.resolve("secrets").resolve("dicom.key");
    }

    /** A UID of the kind 2.25 made of another. */
    String uid(String uid) {
        return content(uid.getBytes(StandardCharsets.UTF_8));
    }

    /** A UID of the same kind for bytes that have none. */
    String content(byte[] bytes) {
        return "2.25." + new BigInteger(1, Arrays.copyOf(hash(bytes), 16));
    }

    private byte[] hash(byte[] bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key(), "HmacSHA256"));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA256", e);
        }
    }

    private synchronized byte[] key() {
        if (key == null) {
            key = file == null ? fresh() : stored();
        }
        return key;
    }

    private static byte[] fresh() {
        byte[] bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private byte[] stored() {
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(file.getParent());
                Path fresh = Files.createTempFile(file.getParent(), "dicom", ".new");
                if (Files.getFileStore(fresh).supportsFileAttributeView("posix")) {
                    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
                }
                Files.write(fresh, fresh());
                try {
                    Files.move(fresh, file);
                } catch (FileAlreadyExistsException e) {
                    // Another process of this home was first; its key is the one.
                    Files.delete(fresh);
                }
            }
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length != KEY_BYTES) {
                throw new WhereforeException(ErrorCode.STORAGE, file.toString(), "the key " + file + " has " + bytes.length + " bytes, expected "
                        + KEY_BYTES + ": restore it, or delete it to give images new names", null);
            }
            return bytes;
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, file.toString(), "the key " + file + " can't be read or made", e);
        }
    }
}
