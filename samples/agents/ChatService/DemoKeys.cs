using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ChatService;

/// <summary>Signs two people of a demonstration in, by keys that stand in appsettings.json. Replace it by the authentication of your app: what follows only reads the claim.</summary>
internal sealed class DemoKeys(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IConfiguration configuration) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "X-Demo-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[Header] is not [{ Length: > 0 } key])
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var user = configuration.GetSection("Demo:Users").GetChildren().LastOrDefault(known => known.Value is { Length: > 0 } value && Same(value, key))?.Key;
        return Task.FromResult(user is null
            ? AuthenticateResult.Fail("The key is nobody's.")
            : AuthenticateResult.Success(new(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user)], Scheme.Name)), Scheme.Name)));
    }

    private static bool Same(string known, string sent) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(known)), SHA256.HashData(Encoding.UTF8.GetBytes(sent)));
}
