/* toy_engine.c - see toy_engine.h. score = dense(mean over cells(relu(filters * picture))). */
#include "toy_engine.h"

#include <math.h>
#include <string.h>

enum { TRAINING = 400, ROUNDS = 8 };

typedef struct {
    float plane[TOY_SIDE][TOY_SIDE][TOY_FILTERS]; /* before the relu */
    float feature[TOY_FEATURES];
} activity;

/* A number in [0, 1) that belongs to (a, b). */
static float noise(unsigned a, unsigned b)
{
    unsigned h = a * 0x9e3779b1u ^ (b + 0x7f4a7c15u) * 0x85ebca6bu;
    for (int i = 0; i < 3; i++) {
        h ^= h >> 15;
        h *= 0x2c1b3c6du;
        h ^= h >> 12;
    }
    return (float)(h >> 8) / 16777216.0f;
}

int toy_draw(unsigned number, toy_picture *out)
{
    static const float across[TOY_KINDS][2] = {
        {1, 0}, {0, 1}, {0.7071f, -0.7071f}, {0.7071f, 0.7071f}};
    int kind = (int)(number % TOY_KINDS);
    float row = 5 + 6 * noise(number, 1), column = 5 + 6 * noise(number, 2);
    float reach = 3 + 3 * noise(number, 3), light = 0.6f + 0.4f * noise(number, 4);
    memset(out, 0, sizeof *out);
    for (int r = 0; r < TOY_SIDE; r++)
        for (int c = 0; c < TOY_SIDE; c++) {
            float dr = (float)r - row, dc = (float)c - column;
            float off = fabsf(dr * across[kind][0] + dc * across[kind][1]);
            float along = fabsf(dc * across[kind][0] - dr * across[kind][1]);
            float ink = off < 1 ? 1 : off < 2 ? 2 - off : 0;
            float grain = 0.1f * noise(number, 16 + (unsigned)(r * TOY_SIDE + c));
            out->pixel[r + 1][c + 1] = grain + (along < reach ? light * ink : 0);
        }
    return kind;
}

static int feature_at(int row, int column, int filter)
{
    return (row / 4 * 4 + column / 4) * TOY_FILTERS + filter;
}

static void run(const toy_net *net, const toy_picture *p, activity *a, float score[TOY_KINDS])
{
    memset(a->feature, 0, sizeof a->feature);
    for (int r = 0; r < TOY_SIDE; r++)
        for (int c = 0; c < TOY_SIDE; c++) {
            float *sum = a->plane[r][c];
            memcpy(sum, net->filter_bias, sizeof net->filter_bias);
            for (int t = 0; t < TOY_TAPS; t++)
                for (int f = 0; f < TOY_FILTERS; f++)
                    sum[f] += net->filter[t][f] * p->pixel[r + t / 3][c + t % 3];
            for (int f = 0; f < TOY_FILTERS; f++)
                if (sum[f] > 0) a->feature[feature_at(r, c, f)] += sum[f] / 16;
        }
    for (int k = 0; k < TOY_KINDS; k++) {
        score[k] = net->dense_bias[k];
        for (int i = 0; i < TOY_FEATURES; i++) score[k] += net->dense[k][i] * a->feature[i];
    }
}

void toy_run(const toy_net *net, const toy_picture *p, float score[TOY_KINDS])
{
    activity a;
    run(net, p, &a, score);
}

void toy_gradient(const toy_net *net, const toy_picture *p, int kind, toy_picture *out)
{
    activity a;
    float score[TOY_KINDS];
    run(net, p, &a, score);
    memset(out, 0, sizeof *out);
    for (int r = 0; r < TOY_SIDE; r++)
        for (int c = 0; c < TOY_SIDE; c++)
            for (int f = 0; f < TOY_FILTERS; f++) {
                if (!(a.plane[r][c][f] > 0)) continue;
                float slope = net->dense[kind][feature_at(r, c, f)] / 16;
                for (int t = 0; t < TOY_TAPS; t++)
                    out->pixel[r + t / 3][c + t % 3] += slope * net->filter[t][f];
            }
    for (int i = 0; i < TOY_SIDE + 2; i++) { /* the rim is not part of the picture */
        out->pixel[0][i] = out->pixel[TOY_SIDE + 1][i] = 0;
        out->pixel[i][0] = out->pixel[i][TOY_SIDE + 1] = 0;
    }
}

/* How steep the picture is at each pixel. It looks right, and it never asks the network. */
void toy_saliency(const toy_net *net, const toy_picture *p, int kind, toy_picture *out)
{
    (void)net;
    (void)kind;
    memset(out, 0, sizeof *out);
    for (int r = 1; r <= TOY_SIDE; r++)
        for (int c = 1; c <= TOY_SIDE; c++) {
            float down = p->pixel[r + 1][c] - p->pixel[r - 1][c];
            float right = p->pixel[r][c + 1] - p->pixel[r][c - 1];
            out->pixel[r][c] = sqrtf(down * down + right * right);
        }
}

/* One step of gradient descent on the cross-entropy of one picture. */
static void learn(toy_net *net, const toy_picture *p, int kind, float rate)
{
    activity a;
    float error[TOY_KINDS], top = 0, sum = 0;
    run(net, p, &a, error);
    for (int k = 0; k < TOY_KINDS; k++) top = error[k] > top ? error[k] : top;
    for (int k = 0; k < TOY_KINDS; k++) sum += error[k] = expf(error[k] - top);
    for (int k = 0; k < TOY_KINDS; k++) error[k] = error[k] / sum - (k == kind ? 1.0f : 0.0f);
    for (int r = 0; r < TOY_SIDE; r++)
        for (int c = 0; c < TOY_SIDE; c++)
            for (int f = 0; f < TOY_FILTERS; f++) {
                float slope = 0;
                if (!(a.plane[r][c][f] > 0)) continue;
                for (int k = 0; k < TOY_KINDS; k++)
                    slope += error[k] * net->dense[k][feature_at(r, c, f)] / 16;
                net->filter_bias[f] -= rate * slope;
                for (int t = 0; t < TOY_TAPS; t++)
                    net->filter[t][f] -= rate * slope * p->pixel[r + t / 3][c + t % 3];
            }
    for (int k = 0; k < TOY_KINDS; k++) {
        net->dense_bias[k] -= rate * error[k];
        for (int i = 0; i < TOY_FEATURES; i++) net->dense[k][i] -= rate * error[k] * a.feature[i];
    }
}

void toy_train(toy_net *net)
{
    memset(net, 0, sizeof *net);
    for (int t = 0; t < TOY_TAPS; t++)
        for (int f = 0; f < TOY_FILTERS; f++)
            net->filter[t][f] = noise(~0u, (unsigned)(t * TOY_FILTERS + f)) - 0.5f;
    for (int k = 0; k < TOY_KINDS; k++)
        for (int i = 0; i < TOY_FEATURES; i++)
            net->dense[k][i] = 0.4f * (noise(~1u, (unsigned)(k * TOY_FEATURES + i)) - 0.5f);
    for (int round = 0; round < ROUNDS; round++)
        for (unsigned n = 0; n < TRAINING; n++) {
            toy_picture p;
            int kind = toy_draw(n, &p);
            learn(net, &p, kind, round < ROUNDS / 2 ? 0.1f : 0.03f);
        }
}
