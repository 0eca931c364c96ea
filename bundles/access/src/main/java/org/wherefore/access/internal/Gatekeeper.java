package org.wherefore.access.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.ApiKey;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/**
 * Callers by {@code <home>/admin.key}, by the home's keys, by signed tokens where the settings name an issuer, and, where they say so,
 * local ones without a credential. Thread-safe.
 */
@Component(service = {Access.class, ApiKeys.class})
public class Gatekeeper implements Access, ApiKeys {
    private static final System.Logger LOG = System.getLogger(Gatekeeper.class.getName());
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double BURST_SECONDS = 2;
    private static final Caller ADMIN = new Caller("admin.key", "the home's first key", Set.of(Role.ADMIN), Limits.NONE);
    private final Path home;
    private final Settings settings;
    private final Secrets secrets;
    private final KeyFile keys;
    private final TokenReader tokens;
    private final Buckets buckets = new Buckets(System::nanoTime);
    private volatile First first = new First(null, FileTime.fromMillis(-1), System.nanoTime() - LOOK_NANOS - 1);

    /** The first key as it was when last looked at. @param bytes null when there is none that is good */
    private record First(byte[] bytes, FileTime modified, long looked) {}

    @Activate
    public Gatekeeper(BundleContext context) {
        this(Path.of(context.getProperty("wherefore.home")), settings(context));
    }

    Gatekeeper(Path home, Settings settings) {
        this.home = home;
        this.settings = settings;
        Path folder = home.resolve("access");
        secrets = Secrets.of(folder);
        keys = new KeyFile(folder, secrets, settings.limits());
        tokens = settings.tokens() == null ? null : new TokenReader(settings.tokens(), home, settings.limits());
    }

    private static Settings settings(BundleContext context) {
        String names = context.getProperty("wherefore.settings");
        Set<String> all = names == null ? Set.of() : Stream.of(names.split(",")).filter(n -> !n.isEmpty()).collect(Collectors.toSet());
        Settings settings = Settings.read(all, n -> context.getProperty("wherefore." + n), "true".equals(context.getProperty("wherefore.demo")));
        if (!settings.anonymous().isEmpty() && "false".equals(context.getProperty("wherefore.loopback"))) {
            throw WhereforeException.invalid("access.anonymous", "access.anonymous is set while http.host lets other machines in; take one of the two away");
        }
        return settings;
    }

    @Override
    public Caller caller(String credential, boolean local) {
        if (credential == null) {
            if (local && !settings.anonymous().isEmpty()) {
                return new Caller("anonymous", "whoever sits at this machine", settings.anonymous(), settings.limits());
            }
            throw new WhereforeException(ErrorCode.UNAUTHENTICATED, "send a key as X-API-Key or Authorization: Bearer; the first one is in the home's file admin.key");
        }
        Optional<ApiKey> key = keys.find(credential);
        if (key.isPresent()) {
            ApiKey k = key.get();
            return new Caller("key:" + k.id(), k.name(), k.roles(), k.limits());
        }
        if (tokens != null && TokenReader.looksLikeOne(credential)) {
            return tokens.read(credential);
        }
        byte[] admin = first();
        if (admin != null && MessageDigest.isEqual(admin, secrets.mac("admin.key", credential))) {
            return ADMIN;
        }
        throw new WhereforeException(ErrorCode.UNAUTHENTICATED, TokenReader.looksLikeOne(credential) && tokens == null
                ? "this server accepts no signed tokens (access.jwt.issuer is not set); send an API key"
                : "the key is not known here, or is revoked or expired");
    }

    /** Hash of the first key, read again when its file changed. */
    private byte[] first() {
        First now = first;
        if (System.nanoTime() - now.looked <= LOOK_NANOS) {
            return now.bytes;
        }
        Path file = home.resolve("admin.key");
        byte[] bytes = null;
        FileTime modified = FileTime.fromMillis(-1);
        try {
            if (Files.exists(file)) {
                modified = Files.readAttributes(file, BasicFileAttributes.class).lastModifiedTime();
                String text = Files.readString(file, StandardCharsets.UTF_8).strip();
                if (PrivateFiles.exposed(file)) {
                    complain(now, modified, file + " may be read by others than its owner and is not accepted; say: chmod 600 " + file);
                } else if (text.length() < 32) {
                    complain(now, modified, file + " is too short to be a key and is not accepted; remove it and start the server again");
                } else {
                    bytes = secrets.mac("admin.key", text);
                }
            }
        } catch (IOException e) {
            complain(now, modified, file + " can't be read and is not accepted: " + e.getClass().getSimpleName());
        }
        first = new First(bytes, modified, System.nanoTime());
        return bytes;
    }

    private static void complain(First before, FileTime modified, String what) {
        if (!before.modified.equals(modified) || before.bytes != null) {
            LOG.log(System.Logger.Level.WARNING, what);
        }
    }

    @Override
    public long take(Caller caller, Cost cost, double amount) {
        double rate = rate(caller, cost);
        return rate == 0 ? 0 : buckets.take(cost + " " + caller.id(), rate, size(rate, cost), amount);
    }

    @Override
    public void settle(Caller caller, Cost cost, double amount) {
        double rate = rate(caller, cost);
        if (rate > 0) {
            buckets.settle(cost + " " + caller.id(), rate, size(rate, cost), amount);
        }
    }

    /** Per second. */
    private static double rate(Caller caller, Cost cost) {
        return cost == Cost.REQUESTS ? caller.limits().requestsPerSecond() : caller.limits().evaluationsPerMinute() / 60;
    }

    private static double size(double rate, Cost cost) {
        return cost == Cost.REQUESTS ? Math.max(1, rate * BURST_SECONDS) : rate * 60;
    }

    @Override
    public String seal(String purpose, String text) {
        return secrets.seal("seal " + purpose, text);
    }

    @Override
    public Optional<String> open(String purpose, String sealed) {
        return secrets.open("seal " + purpose, sealed);
    }

    @Override
    public List<ApiKey> list() {
        return keys.list();
    }

    @Override
    public Created create(String name, Set<Role> roles, Limits limits, Instant expires, String createdBy) {
        return keys.create(name, roles, limits, expires, createdBy);
    }

    @Override
    public ApiKey revoke(String id) {
        return keys.revoke(id);
    }
}
