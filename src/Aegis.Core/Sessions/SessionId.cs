using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aegis;

/// <summary>Whose conversation it is: tenant, principal and id. The host says it; it never comes from the text of a message. <c>default</c> is refused everywhere.</summary>
public readonly record struct SessionId
{
    /// <summary>Characters of each part, at most.</summary>
    public const int MaxLength = 512;

    // One reference, hashed once: ids are copied into every context and event, and looked up twice per inspection.
    private readonly Parts? _parts;

    /// <summary>A conversation that the host knows.</summary>
    /// <param name="id">The conversation. Choose one that cannot be guessed.</param>
    /// <param name="principal">The signed-in user, when there is one.</param>
    /// <param name="tenant">The user's tenant, when there is one.</param>
    /// <exception cref="ArgumentException">A part is empty, longer than <see cref="MaxLength"/>, or has control characters or half of a surrogate pair.</exception>
    public SessionId(string id, string? principal = null, string? tenant = null)
        : this(id, principal, tenant, SessionOrigin.Host)
    {
    }

    private SessionId(Parts parts) => _parts = parts;

    private SessionId(string id, string? principal, string? tenant, SessionOrigin origin)
    {
        Check(id ?? throw new ArgumentNullException(nameof(id)), nameof(id));
        if (principal is not null)
        {
            Check(principal, nameof(principal));
        }

        if (tenant is not null)
        {
            Check(tenant, nameof(tenant));
        }

        _parts = new(id, principal, tenant, origin);
    }

    /// <summary>The account of a signed-in user, which all sessions of that user share: a lock on it holds in each. For <see cref="AegisSessions"/> alone: it is no conversation.</summary>
    /// <param name="principal">The user, as in <see cref="AegisScope"/>.</param>
    /// <param name="tenant">The user's tenant, as in <see cref="AegisScope"/>: the same name in another tenant, or in none, is another user.</param>
    /// <returns>The account.</returns>
    /// <exception cref="ArgumentException">A part is empty, longer than <see cref="MaxLength"/>, or has control characters or half of a surrogate pair.</exception>
    public static SessionId OfPrincipal(string principal, string? tenant = null) => new(principal, null, tenant, SessionOrigin.Principal);

    /// <summary>The conversation; of an account, whose it is.</summary>
    public string Id => _parts?.Id!;

    /// <summary>The signed-in user.</summary>
    public string? Principal => _parts?.Principal;

    /// <summary>The user's tenant.</summary>
    public string? Tenant => _parts?.Tenant;

    /// <summary>A name for stores: 64 hexadecimal digits, the same in every process, different for every session, saying nothing of its parts.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="InvalidOperationException">The id is <c>default</c>.</exception>
    public string ToStorageKey() => _parts?.Key ?? throw new InvalidOperationException("A session must be named: 'default' is nobody's.");

    internal SessionOrigin Origin => _parts?.Origin ?? SessionOrigin.Host;

    /// <summary>Whether it is an account that sessions share, in which nobody talks.</summary>
    internal bool IsAccount => Origin is SessionOrigin.Principal or SessionOrigin.Tenant;

    internal bool IsDefault => _parts is null;

    /// <summary>Nobody vouches for a provider's conversation id alone, so it never carries a lock; nor does a run without any identity.</summary>
    internal bool MayBeLocked => Origin is SessionOrigin.Host or SessionOrigin.Principal;

    /// <summary>The account that all sessions of the same user share; null: nobody says who the user is.</summary>
    internal SessionId? PrincipalAccount => Origin != SessionOrigin.Host || _parts!.Principal is null ? null : new(_parts.PrincipalAccount ??= new(_parts.Principal, null, _parts.Tenant, SessionOrigin.Principal));

    /// <summary>The account that all sessions of the same tenant share; null: nobody says which it is.</summary>
    internal SessionId? TenantAccount => Origin is not (SessionOrigin.Host or SessionOrigin.Principal) || _parts!.Tenant is null ? null : new(_parts.TenantAccount ??= new(_parts.Tenant, null, null, SessionOrigin.Tenant));

    internal static SessionId Conversation(string conversationId) => new(conversationId, null, null, SessionOrigin.Conversation);

    internal static SessionId Anonymous(string run) => new(run, null, null, SessionOrigin.Anonymous);

    internal static SessionId Instance(string guard) => new(guard, null, null, SessionOrigin.Instance);

    /// <summary>One as it was, for a replay; the account of a guard instance is the one of the guard that is here.</summary>
    internal static SessionId Restored(SessionOrigin origin, string id, string? principal, string? tenant, SessionId instance) =>
        origin == SessionOrigin.Instance ? instance : Enum.IsDefined(origin) ? new(id, principal, tenant, origin) : throw new FormatException("There is no such session.");

    /// <summary>Whether a session can be named so. Half of a surrogate pair cannot: as UTF-8, of which keys are made, all of them are the same.</summary>
    internal static bool IsName(string part)
    {
        if (part.Length is 0 or > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < part.Length; i++)
        {
            if (char.IsControl(part[i]) || (char.IsSurrogate(part[i]) && !(i + 1 < part.Length && char.IsSurrogatePair(part[i], part[++i]))))
            {
                return false;
            }
        }

        return true;
    }

    private static void Check(string part, string name)
    {
        if (!IsName(part))
        {
            throw new ArgumentException($"A session's {name} has 1 to {MaxLength} characters, no control characters and no half of a character.", name);
        }
    }

    private sealed record Parts(string Id, string? Principal, string? Tenant, SessionOrigin Origin)
    {
        private readonly int _hash = HashCode.Combine(Id, Principal, Tenant, Origin);
        private string? _key;

        // Made when they are asked for first, and no part of what is compared. Two threads may make the same twice.
        public Parts? PrincipalAccount { get; set; }

        public Parts? TenantAccount { get; set; }

        public string Key => _key ??= MakeKey();

        public bool Equals(Parts? other) => other is not null && _hash == other._hash && Origin == other.Origin
            && string.Equals(Id, other.Id, StringComparison.Ordinal) && string.Equals(Principal, other.Principal, StringComparison.Ordinal) && string.Equals(Tenant, other.Tenant, StringComparison.Ordinal);

        public override int GetHashCode() => _hash;

        private string MakeKey()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> length = stackalloc byte[sizeof(int)];
            hash.AppendData([(byte)Origin]);
            foreach (var part in (ReadOnlySpan<string?>)[Tenant, Principal, Id])
            {
                var bytes = Encoding.UTF8.GetBytes(part ?? "");
                BinaryPrimitives.WriteInt32LittleEndian(length, part is null ? -1 : bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
