using System.Collections.Frozen;
using Aegis.Tools.Arguments;

namespace Aegis.Scanning.Markup;

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

    /// <summary>Whether a host is of the list. One that clients read in several ways is not.</summary>
    public bool Has(string host) => (_names.Count > 0 || _globs.Length > 0) && CanonicalHost.TryParse(host) is { Name: var name } && (_names.Contains(name) || Array.Exists(_globs, glob => glob.Matches(name)));
}
