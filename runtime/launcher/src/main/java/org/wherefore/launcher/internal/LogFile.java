package org.wherefore.launcher.internal;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;

/**
 * Writes what bundles log (OSGi log service and java.util.logging) to {@code logs/wherefore.log}, five files of 10 MB; a training
 * process writes it to its standard error, which is a file of its own.
 */
final class LogFile {
    private static final int SIZE = 10_000_000;
    private static final int FILES = 5;

    /** Says at every start that there is no JAXB; held, as a logger that nobody holds forgets its level. */
    private static final Logger NOISE = Logger.getLogger("org.glassfish.jersey.server.wadl.WadlFeature");

    private LogFile() {}

    /** @param folder null for standard error */
    static void attach(BundleContext context, Path folder) {
        Logger root = Logger.getLogger("");
        try {
            Handler file = folder == null ? new ConsoleHandler() : file(folder);
            file.setFormatter(new Line());
            NOISE.setLevel(Level.SEVERE);
            for (var h : root.getHandlers()) {
                root.removeHandler(h);
            }
            root.addHandler(file);
        } catch (IOException e) {
            throw new LaunchException("can't write the log in " + folder + ": " + e.getMessage(), e);
        }
        ServiceListener listener = e -> {
            if (e.getType() == ServiceEvent.REGISTERED) {
                listen(context, e.getServiceReference());
            }
        };
        try {
            context.addServiceListener(listener, "(objectClass=org.osgi.service.log.LogReaderService)");
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Handler file(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new RollingLog(folder.resolve("wherefore.log"), SIZE, FILES);
    }

    /** The log service's types belong to a bundle, so its listener is a proxy. */
    private static void listen(BundleContext context, ServiceReference<?> ref) {
        try {
            ClassLoader loader = ref.getBundle().adapt(org.osgi.framework.wiring.BundleWiring.class).getClassLoader();
            Class<?> listener = loader.loadClass("org.osgi.service.log.LogListener");
            Class<?> entry = loader.loadClass("org.osgi.service.log.LogEntry");
            Object proxy = Proxy.newProxyInstance(loader, new Class<?>[] {listener}, (p, method, args) -> switch (method.getName()) {
                case "logged" -> {
                    log(entry, args[0]);
                    yield null;
                }
                case "hashCode" -> System.identityHashCode(p);
                case "equals" -> p == args[0];
                default -> "wherefore log file";
            });
            loader.loadClass("org.osgi.service.log.LogReaderService").getMethod("addLogListener", listener)
                    .invoke(context.getService(ref), proxy);
        } catch (ReflectiveOperationException e) {
            Logger.getLogger("launcher").log(Level.WARNING, "the log service can't be followed", e);
        }
    }

    private static void log(Class<?> type, Object entry) throws ReflectiveOperationException {
        int level = (Integer) type.getMethod("getLevel").invoke(entry);
        LogRecord r = new LogRecord(level == 1 ? Level.SEVERE : level == 2 ? Level.WARNING : level == 3 ? Level.INFO : Level.FINE,
                String.valueOf(type.getMethod("getMessage").invoke(entry)));
        r.setLoggerName(String.valueOf(type.getMethod("getLoggerName").invoke(entry)));
        r.setThrown((Throwable) type.getMethod("getException").invoke(entry));
        // every service that comes or goes is announced as Events.*: noise unless something went wrong
        if (level <= 2 || level == 3 && !r.getLoggerName().startsWith("Events.")) {
            Logger.getLogger("").log(r);
        }
    }

    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord r) {
            StringBuilder out = new StringBuilder().append(Instant.ofEpochMilli(r.getMillis())).append(' ').append(r.getLevel())
                    .append(' ').append(r.getLoggerName()).append(": ").append(formatMessage(r)).append('\n');
            if (r.getThrown() != null) {
                java.io.StringWriter w = new java.io.StringWriter();
                r.getThrown().printStackTrace(new java.io.PrintWriter(w, true));
                out.append(w);
            }
            return out.toString();
        }
    }
}
