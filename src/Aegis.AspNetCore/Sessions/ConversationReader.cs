using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Aegis.AspNetCore.Sessions;

/// <summary>Which conversation of its sender a request belongs to: what the sender says, or a new one.</summary>
internal sealed class ConversationReader(AegisSessionOptions options)
{
    private const int MaxLength = 128;
    private const int NewBytes = 16;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:@+=");

    public (string? Id, SessionRefusal? Refusal) Read(HttpContext context)
    {
        string? id = null;
        foreach (var said in Said(context.Request))
        {
            if (said.Count != 1 || (id is not null && !string.Equals(id, said[0], StringComparison.Ordinal)))
            {
                return (null, SessionRefusal.SeveralIds);
            }

            id = said[0] ?? "";
            if (!IsId(id))
            {
                return (null, SessionRefusal.BadId);
            }
        }

        if (id is not null)
        {
            return (id, null);
        }

        if (options.Header is not { } header)
        {
            return (null, SessionRefusal.NoId);   // nobody could be told a new one
        }

        id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NewBytes));
        context.Response.Tell(header, id);
        return (id, null);
    }

    /// <summary>One character, one sign on a screen and in a log, one spelling in a header and in an address.</summary>
    public static bool IsId(string id) => id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExcept(Allowed);

    private IEnumerable<StringValues> Said(HttpRequest request)
    {
        if (options.RouteValue is { } value && request.RouteValues.TryGetValue(value, out var routed) && routed is not null)
        {
            yield return Convert.ToString(routed, CultureInfo.InvariantCulture);
        }

        if (options.Header is { } header && request.Headers.TryGetValue(header, out var sent))
        {
            yield return sent;
        }

        if (options.Query is { } query && request.Query.TryGetValue(query, out var asked))
        {
            yield return asked;
        }
    }
}
