package org.wherefore.access.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * The home's own secret ({@code <home>/access/secret}, 256 random bits, mode 600) and what is made with it: HMAC-SHA-256, each purpose with
 * a key of its own. Long random keys need no slow hash, as nobody can try them all; the secret makes a stolen list of hashes useless
 * for checking a guess. Thread-safe.
 */
final class Secrets {
    private static final int BYTES = 32;
    private static final int TAG = 16;
    private static final SecureRandom RANDOM = new SecureRandom();
    private final byte[] secret;

    private Secrets(byte[] secret) {
        this.secret = secret;
    }

    /** Reads the secret, or makes it. @throws WhereforeException {@code STORAGE} */
    static Secrets of(Path folder) {
        Path file = folder.resolve("secret");
        try {
            PrivateFiles.folder(folder);
            try (FileChannel lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock.lock()) {
                if (!Files.exists(file)) {
                    PrivateFiles.write(file, (random(BYTES) + "\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
            if (PrivateFiles.exposed(file)) {
                throw new WhereforeException(ErrorCode.STORAGE, file + " may be read by others than its owner; say: chmod 600 " + file);
            }
            byte[] read = Base64.getUrlDecoder().decode(Files.readString(file).strip());
            if (read.length < BYTES) {
                throw new WhereforeException(ErrorCode.STORAGE, file + " is too short; restore it from a backup, or remove it and make all keys anew");
            }
            return new Secrets(read);
        } catch (IOException | IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.STORAGE, file + " can't be read or written: " + e.getClass().getSimpleName(), e);
        }
    }

    /** Random bytes as text. */
    static String random(int bytes) {
        byte[] b = new byte[bytes];
        RANDOM.nextBytes(b);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(b);
    }

    byte[] mac(String purpose, String text) {
        return hmac(hmac(secret, purpose), text);
    }

    /** In the same time for right and wrong ones. */
    boolean matches(String purpose, String text, byte[] expected) {
        return MessageDigest.isEqual(mac(purpose, text), expected);
    }

    String seal(String purpose, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(body, body.length + TAG);
        System.arraycopy(mac(purpose, text), 0, all, body.length, TAG);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    }

    Optional<String> open(String purpose, String sealed) {
        try {
            byte[] all = Base64.getUrlDecoder().decode(sealed);
            if (all.length < TAG) {
                return Optional.empty();
            }
            String text = new String(all, 0, all.length - TAG, StandardCharsets.UTF_8);
            boolean own = MessageDigest.isEqual(Arrays.copyOf(mac(purpose, text), TAG), Arrays.copyOfRange(all, all.length - TAG, all.length));
            return own ? Optional.of(text) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
