using Aegis.Policies.Documents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Aegis.Policies;

/// <summary>
/// Takes a policy up again whenever its configuration says that it has changed. A file that can no longer be read leaves its provider empty, without a
/// word, and the layers below it would show through: a provider that has lost all that it had makes the change a refused one.
/// </summary>
internal sealed class ConfigurationReloader
{
    private readonly WeakReference<AegisGuard> _guard;
    private readonly IConfiguration _section;
    private readonly Func<AegisPolicy> _load;
    private HashSet<IConfigurationProvider> _full;
    private IDisposable? _registration;

    private ConfigurationReloader(AegisGuard guard, IConfiguration section, Func<AegisPolicy> load)
    {
        (_guard, _section, _load) = (new(guard), section, load);
        _full = Full();
    }

    public static IDisposable Watch(AegisGuard guard, IConfiguration section, Func<AegisPolicy> load)
    {
        var reloader = new ConfigurationReloader(guard, section, load);
        reloader._registration = ChangeToken.OnChange(section.GetReloadToken, reloader.Look);
        reloader.Look();
        return reloader._registration;
    }

    private void Look()
    {
        if (_guard.TryGetTarget(out var guard))
        {
            guard.Replace(Load);
        }
        else
        {
            _registration?.Dispose();
        }
    }

    private AegisPolicy Load()
    {
        var providers = ConfigurationProviders.Of(_section);
        var emptied = providers.Where(provider => _full.Contains(provider) && IsEmpty(provider)).Select(static provider => new PolicyError("$", "has nothing any more: it may have failed to load, and what it narrowed would be wide again. Mend it, or restart without it.") { Code = PolicyErrorCodes.Unreadable, Source = provider.ToString() }).ToList();
        if (emptied.Count > 0)
        {
            throw new PolicyException(emptied);
        }

        var policy = _load();
        _full = Full();
        return policy;
    }

    private HashSet<IConfigurationProvider> Full() => [.. ConfigurationProviders.Of(_section).Where(static provider => !IsEmpty(provider))];

    private static bool IsEmpty(IConfigurationProvider provider) => !provider.GetChildKeys([], null).Any();
}
