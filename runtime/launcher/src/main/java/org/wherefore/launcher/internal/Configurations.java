package org.wherefore.launcher.internal;

import java.lang.reflect.InvocationTargetException;
import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** What features configure. Goes through the ConfigurationAdmin service by reflection: its types belong to the bundles. */
record Configurations(BundleContext context) {
    private static final String ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

    /** PID to properties of all features; of two that configure one PID the later counts. */
    static Map<String, Map<String, String>> of(Collection<Feature> features) {
        Map<String, Map<String, String>> out = new TreeMap<>();
        features.forEach(f -> out.putAll(f.configurations()));
        return out;
    }

    /** @throws LaunchException naming the PID */
    void set(Map<String, Map<String, String>> configurations) {
        configurations.forEach((pid, properties) -> with(pid, (type, c) -> type.getMethod("updateIfDifferent", Dictionary.class)
                .invoke(c, new Hashtable<>(properties))));
    }

    /** @throws LaunchException naming the PID */
    void delete(Collection<String> pids) {
        pids.forEach(pid -> with(pid, (type, c) -> type.getMethod("delete").invoke(c)));
    }

    private interface Deed {
        void on(Class<?> type, Object configuration) throws ReflectiveOperationException;
    }

    private void with(String pid, Deed deed) {
        ServiceReference<?> ref = context.getServiceReference(ADMIN);
        if (ref == null) {
            throw new LaunchException("a feature configures '" + pid + "' but no ConfigurationAdmin runs");
        }
        try {
            Object admin = context.getService(ref);
            Class<?> api = ref.getBundle().loadClass(ADMIN);
            int factory = pid.indexOf('~');
            Object configuration = factory < 0
                    ? api.getMethod("getConfiguration", String.class, String.class).invoke(admin, pid, "?")
                    : api.getMethod("getFactoryConfiguration", String.class, String.class, String.class).invoke(admin,
                            pid.substring(0, factory), pid.substring(factory + 1), "?");
            deed.on(ref.getBundle().loadClass("org.osgi.service.cm.Configuration"), configuration);
        } catch (InvocationTargetException e) {
            throw new LaunchException("can't configure '" + pid + "': " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new LaunchException("can't configure '" + pid + "': " + e, e);
        }
    }
}
