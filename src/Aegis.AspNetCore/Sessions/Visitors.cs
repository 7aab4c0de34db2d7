using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Aegis.AspNetCore.Sessions;

/// <summary>People who are not signed in, each under a name that this server has made, encrypted and signed. Thread-safe.</summary>
internal sealed class Visitors(IDataProtectionProvider protection, AegisSessionOptions options, TimeProvider time)
{
    private const int Stamp = sizeof(long);
    private const int Random = 16;
    private const int MaxLength = 1024;   // characters of a name as it travels

    private readonly IDataProtector _protector = protection.CreateProtector("Aegis.AspNetCore.Visitor", "v1");

    /// <summary>The visitor's name within this server, which the visitor never reads.</summary>
    public (string? Name, SessionRefusal? Refusal) Read(HttpContext context)
    {
        var sent = Sent(context.Request);
        if (sent.Count == 0)
        {
            return (Issue(context, RandomNumberGenerator.GetBytes(Random)), null);
        }

        if (sent.Count != 1 || Open(sent[0]) is not { } opened)
        {
            Forget(context);
            return (null, SessionRefusal.BadVisitor);
        }

        var age = time.GetUtcNow() - opened.Issued;
        return age > options.VisitorLifetime ? (Issue(context, RandomNumberGenerator.GetBytes(Random)), null)
            : age > options.VisitorLifetime / 2 ? (Issue(context, opened.Id), null)
            : (NameOf(opened.Id), null);
    }

    private static string NameOf(byte[] id) => $"visitor-{Convert.ToHexStringLower(id)}";

    private StringValues Sent(HttpRequest request) =>
        options.VisitorHeader is { } header ? request.Headers[header]
        : request.Cookies.TryGetValue(options.VisitorCookie, out var cookie) ? cookie
        : StringValues.Empty;

    private (DateTimeOffset Issued, byte[] Id)? Open(string? sent)
    {
        if (sent is not { Length: > 0 and <= MaxLength } || !Base64Url.IsValid(sent))
        {
            return null;
        }

        try
        {
            return _protector.Unprotect(Base64Url.DecodeFromChars(sent)) is { Length: Stamp + Random } opened
                ? (new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(opened), TimeSpan.Zero), opened[Stamp..])
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private string Issue(HttpContext context, byte[] id)
    {
        var named = new byte[Stamp + Random];
        BinaryPrimitives.WriteInt64LittleEndian(named, time.GetUtcNow().UtcTicks);
        id.CopyTo(named, Stamp);
        Tell(context, Base64Url.EncodeToString(_protector.Protect(named)), options.VisitorLifetime);
        return NameOf(id);
    }

    /// <summary>A browser would bring the same again, and be refused for good.</summary>
    private void Forget(HttpContext context)
    {
        if (options.VisitorHeader is null)
        {
            Tell(context, "", TimeSpan.Zero);
        }
    }

    private void Tell(HttpContext context, string name, TimeSpan lifetime)
    {
        if (options.VisitorHeader is { } header)
        {
            context.Response.Tell("Cache-Control", "no-store");   // else a cache gives one visitor's name to whoever asks
            context.Response.Tell(header, name);
            return;
        }

        context.Response.TellCookie(options.VisitorCookie, name, new()
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = lifetime,
            Path = "/",
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps || options.VisitorCookie.StartsWith("__", StringComparison.Ordinal),
        });
    }
}
