using Aegis;
using Aegis.AspNetCore.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Aegis to the way of requests.</summary>
public static class AegisApplicationBuilderExtensions
{
    /// <summary>
    /// From here on every request works in an <see cref="AegisScope"/>: the signed-in user's, in the conversation that the request names. It lasts until the
    /// response is written, streams included, and flows into whatever the request starts. Belongs behind routing, authentication and authorization. Whoever is
    /// not signed in, or says an id that cannot be one, gets a problem response, which repeats nothing of the request.
    /// </summary>
    /// <param name="app">The app.</param>
    /// <param name="options">Where the request says it.</param>
    /// <returns>The app.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves: no claim, no place for an id, a header or cookie without a name, a lifetime below one minute.</exception>
    /// <exception cref="InvalidOperationException">Visitors need data protection, and the services have none.</exception>
    public static IApplicationBuilder UseAegisSession(this IApplicationBuilder app, AegisSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        var checkedOptions = OptionsCheck.Checked(options ?? new());
        var services = app.ApplicationServices;
        var visitors = checkedOptions.Anonymous == AnonymousUsers.Refuse ? null : new Visitors(
            services.GetService<IDataProtectionProvider>() ?? throw new InvalidOperationException("Visitors need data protection: call services.AddDataProtection(), and have all instances share its keys."),
            checkedOptions,
            services.GetService<TimeProvider>() ?? TimeProvider.System);
        var reader = new SessionReader(new(checkedOptions), visitors, new(checkedOptions));
        var schemes = services.GetService<IAuthenticationSchemeProvider>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Aegis");
        return app.Use(next => new AegisSessionMiddleware(next, reader, schemes, logger).InvokeAsync);
    }
}
