using System.Collections.Frozen;

namespace Aegis.Tools.Arguments;

/// <summary>Hosts by glob, compared in the one form that every client reads alike. Immutable.</summary>
internal sealed class HostList
{
    private readonly FrozenSet<string> _names;
    private readonly ValueGlob[] _globs;

    /// <param name="hosts">Globs that <see cref="CanonicalHost.CanonicalGlob"/> knows.</param>
    public HostList(IReadOnlyList<string> hosts)
    {
        _names = hosts.Where(ValueGlob.IsExact).Select(static host => CanonicalHost.CanonicalGlob(host)!).ToFrozenSet(StringComparer.Ordinal);
        _globs = [.. hosts.Where(static host => !ValueGlob.IsExact(host)).Select(static host => ValueGlob.Permission(CanonicalHost.CanonicalGlob(host)!))];
    }

    /// <summary>Whether it has none.</summary>
    public bool IsEmpty => _names.Count == 0 && _globs.Length == 0;

    /// <summary>Whether a host is named without a wildcard.</summary>
    public bool Names(CanonicalHost host) => _names.Contains(host.Name);

    /// <summary>Whether a host is of the list.</summary>
    public bool Has(CanonicalHost host) => Names(host) || Array.Exists(_globs, glob => glob.Matches(host.Name));
}
