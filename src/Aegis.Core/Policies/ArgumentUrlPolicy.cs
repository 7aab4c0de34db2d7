namespace Aegis.Policies;

/// <summary>
/// Where an argument may lead. Judged by its canonical host: one spelling of each address, names in their ASCII form. User information, and whatever
/// clients read in several ways, is refused. Names are not looked up.
/// </summary>
public sealed record ArgumentUrlPolicy
{
    /// <summary>Globs over hosts, for example <c>*.example.com</c>, which is not <c>example.com</c> itself.</summary>
    /// <value><see langword="null"/>: any host.</value>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary>Globs over hosts that it may not lead to, nor to what lies below them. Look-alikes match.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>Schemes; when they are said, the argument must say one.</summary>
    /// <value><see langword="null"/>: http and https, and a host alone.</value>
    public IReadOnlyList<string>? Schemes { get; init; }

    /// <summary>Ports.</summary>
    /// <value><see langword="null"/>: that of the scheme.</value>
    public IReadOnlyList<int>? Ports { get; init; }

    /// <summary>Whether private, loopback, link-local and reserved addresses, and names without a public domain, may be meant. One that <see cref="Hosts"/> names without a wildcard always may.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowPrivate { get; init; }
}
