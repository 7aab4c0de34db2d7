using System.Collections.Frozen;
using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>Where a URL may lead. Immutable.</summary>
internal sealed class UrlRule
{
    private static readonly FrozenSet<string> Web = new[] { "http", "https" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly ArgumentUrlPolicy _policy;
    private readonly FrozenSet<string>? _names;
    private readonly ValueGlob[] _hosts;
    private readonly ValueGlob[] _deny;
    private readonly FrozenSet<string> _schemes;

    public UrlRule(ArgumentUrlPolicy policy)
    {
        _policy = policy;
        _names = policy.Hosts?.Where(ValueGlob.IsExact).Select(static host => CanonicalHost.CanonicalGlob(host)!).ToFrozenSet(StringComparer.Ordinal);
        _hosts = [.. (policy.Hosts ?? []).Where(static host => !ValueGlob.IsExact(host)).Select(static host => ValueGlob.Permission(CanonicalHost.CanonicalGlob(host)!))];
        _deny = [.. policy.Deny.SelectMany(static host => ForDenial(CanonicalHost.CanonicalGlob(host)!)).Select(ValueGlob.Denial)];
        _schemes = policy.Schemes?.Select(static scheme => scheme.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal) ?? Web;
    }

    /// <summary>Adds what does not hold for a URL.</summary>
    public void Check(string text, ArgumentRule rule, ArgumentFindings findings)
    {
        if (CanonicalUrl.TryRead(text, out var url) is { } mistake)
        {
            rule.Fail(findings, "arguments/url", "url", mistake, isUnreadable: true);
            return;
        }

        var (scheme, host, port) = url!;
        if (scheme is null ? _policy.Schemes is not null : !_schemes.Contains(scheme))
        {
            rule.Fail(findings, "arguments/url", "url.schemes", "has another scheme, or none");
        }

        if (_policy.Ports is { } ports ? port is not { } said || !ports.Contains(said) : port is not null && port != CanonicalUrl.PortOf(scheme!))
        {
            rule.Fail(findings, "arguments/url", "url.ports", "has another port");
        }

        if (ValueGlob.AnyMatches(_deny, host.Name, ValueGlob.SkeletonOf(host.Shown)))
        {
            rule.Fail(findings, "arguments/url", "url.deny", "is denied");
        }

        var isNamed = _names?.Contains(host.Name) == true;
        if (host.IsPrivate && !_policy.AllowPrivate && !isNamed)
        {
            rule.Fail(findings, "arguments/url", "url.allowPrivate", "leads to a private or reserved address");
        }

        if (_policy.Hosts is not null && !isNamed && !Array.Exists(_hosts, glob => glob.Matches(host.Name)))
        {
            rule.Fail(findings, "arguments/url", "url.hosts", "leads to another host");
        }
    }

    /// <summary>A denied host with all below it, in both of its forms.</summary>
    private static IEnumerable<string> ForDenial(string glob)
    {
        var shown = string.Join('.', glob.Split('.').Select(CanonicalHost.Unicode));
        string[] forms = string.Equals(shown, glob, StringComparison.Ordinal) ? [glob] : [glob, shown];
        return forms.SelectMany(static form => new[] { form, $"*.{form}" });
    }
}
