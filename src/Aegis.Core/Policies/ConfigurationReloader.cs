using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Aegis.Policies;

/// <summary>Takes a policy up again whenever its configuration says that it has changed.</summary>
internal static class ConfigurationReloader
{
    public static IDisposable Watch(AegisGuard guard, IConfiguration section, Func<AegisPolicy> load)
    {
        var held = new WeakReference<AegisGuard>(guard);
        return ChangeToken.OnChange(section.GetReloadToken, () =>
        {
            if (held.TryGetTarget(out var changed))
            {
                changed.Replace(load);
            }
        });
    }
}
